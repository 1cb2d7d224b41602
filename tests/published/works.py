"""The publications that cases are from, by the keys that the cases give."""

WORKS = {
    "allen-tildesley-2017": "M. P. Allen, D. J. Tildesley: Computer Simulation of Liquids, second "
    "edition. Oxford University Press, 2017",
    "baird-1995": "L. Baird: Residual algorithms: reinforcement learning with function "
    "approximation. ICML 1995",
    "baydin-2018": "A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind: Automatic "
    "differentiation in machine learning: a survey. Journal of Machine Learning Research 18, 2018",
    "belkin-niyogi-2003": "M. Belkin, P. Niyogi: Laplacian eigenmaps for dimensionality reduction "
    "and data representation. Neural Computation 15, 2003",
    "bell-sejnowski-1995": "A. J. Bell, T. J. Sejnowski: An information-maximization approach to "
    "blind separation and blind deconvolution. Neural Computation 7, 1995",
    "bengio-2009": "Y. Bengio: Learning deep architectures for AI. Foundations and Trends in "
    "Machine Learning 2, 2009",
    "bishop-2006": "C. M. Bishop: Pattern Recognition and Machine Learning. Springer, 2006",
    "borg-groenen-2005": "I. Borg, P. J. F. Groenen: Modern Multidimensional Scaling, second "
    "edition. Springer, 2005",
    "boyd-vandenberghe-2004": "S. Boyd, L. Vandenberghe: Convex Optimization. Cambridge "
    "University Press, 2004",
    "burda-2016": "Y. Burda, R. Grosse, R. Salakhutdinov: Importance weighted autoencoders. ICLR "
    "2016",
    "burges-2010": "C. J. C. Burges: From RankNet to LambdaRank to LambdaMART: an overview. "
    "Microsoft Research, MSR-TR-2010-82, 2010",
    "cao-2007": "Z. Cao, T. Qin, T.-Y. Liu, M.-F. Tsai, H. Li: Learning to rank: from pairwise "
    "approach to listwise approach. ICML 2007",
    "chen-2020-simclr": "T. Chen, S. Kornblith, M. Norouzi, G. Hinton: A simple framework for "
    "contrastive learning of visual representations. ICML 2020",
    "clevert-2016": "D.-A. Clevert, T. Unterthiner, S. Hochreiter: Fast and accurate deep network "
    "learning by exponential linear units (ELUs). ICLR 2016",
    "cover-thomas-2006": "T. M. Cover, J. A. Thomas: Elements of Information Theory, second "
    "edition. Wiley, 2006",
    "cox-1972": "D. R. Cox: Regression models and life-tables. Journal of the Royal Statistical "
    "Society B 34, 1972",
    "cs224n-notes-1": "Stanford CS224n, Natural Language Processing with Deep Learning: lecture "
    "notes 1 and assignment 2, word2vec",
    "cs231n-convnets": "Stanford CS231n: course notes, Convolutional neural networks",
    "cs231n-optimization-1": "Stanford CS231n: course notes, Optimization: stochastic gradient "
    "descent",
    "cs231n-optimization-2": "Stanford CS231n: course notes, Backpropagation, intuitions",
    "dao-2022": "T. Dao, D. Y. Fu, S. Ermon, A. Rudra, C. Ré: FlashAttention: fast and "
    "memory-efficient exact attention with IO-awareness. NeurIPS 2022",
    "deisenroth-2020": "M. P. Deisenroth, A. A. Faisal, C. S. Ong: Mathematics for Machine "
    "Learning. Cambridge University Press, 2020",
    "dlmf": "NIST Digital Library of Mathematical Functions. F. W. J. Olver et al., editors",
    "dumoulin-visin-2016": "V. Dumoulin, F. Visin: A guide to convolution arithmetic for deep "
    "learning. arXiv:1603.07285, 2016",
    "elfwing-2018": "S. Elfwing, E. Uchibe, K. Doya: Sigmoid-weighted linear units for neural "
    "network function approximation in reinforcement learning. Neural Networks 107, 2018",
    "fischer-igel-2012": "A. Fischer, C. Igel: An introduction to restricted Boltzmann machines. "
    "CIARP 2012",
    "friess-1998": "T.-T. Friess, N. Cristianini, C. Campbell: The kernel-adatron algorithm: a "
    "fast and simple learning procedure for support vector machines. ICML 1998",
    "glorot-2010": "X. Glorot, Y. Bengio: Understanding the difficulty of training deep "
    "feedforward neural networks. AISTATS 2010",
    "goldberger-2004": "J. Goldberger, S. Roweis, G. Hinton, R. Salakhutdinov: Neighbourhood "
    "components analysis. NIPS 2004",
    "goodfellow-2016": "I. Goodfellow, Y. Bengio, A. Courville: Deep Learning. MIT Press, 2016",
    "graves-2006": "A. Graves, S. Fernández, F. Gomez, J. Schmidhuber: Connectionist temporal "
    "classification: labelling unsegmented sequence data with recurrent neural networks. ICML 2006",
    "greff-2017": "K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber: "
    "LSTM: a search space odyssey. IEEE Transactions on Neural Networks and Learning Systems 28, "
    "2017",
    "hadsell-2006": "R. Hadsell, S. Chopra, Y. LeCun: Dimensionality reduction by learning an "
    "invariant mapping. CVPR 2006",
    "hastie-2009": "T. Hastie, R. Tibshirani, J. Friedman: The Elements of Statistical Learning, "
    "second edition. Springer, 2009",
    "haykin-2009": "S. Haykin: Neural Networks and Learning Machines, third edition. Pearson, 2009",
    "he-2015": "K. He, X. Zhang, S. Ren, J. Sun: Delving deep into rectifiers. ICCV 2015",
    "he-2016-identity": "K. He, X. Zhang, S. Ren, J. Sun: Identity mappings in deep residual "
    "networks. ECCV 2016",
    "hinton-2015": "G. Hinton, O. Vinyals, J. Dean: Distilling the knowledge in a neural network. "
    "arXiv:1503.02531, 2015",
    "hinton-roweis-2002": "G. Hinton, S. Roweis: Stochastic neighbor embedding. NIPS 2002",
    "hopfield-1984": "J. J. Hopfield: Neurons with graded response have collective computational "
    "properties like those of two-state neurons. PNAS 81, 1984",
    "hunter-2004": "D. R. Hunter: MM algorithms for generalized Bradley-Terry models. Annals of "
    "Statistics 32, 2004",
    "ioffe-szegedy-2015": "S. Ioffe, C. Szegedy: Batch normalization: accelerating deep network "
    "training by reducing internal covariate shift. ICML 2015",
    "jacobs-1991": "R. A. Jacobs, M. I. Jordan, S. J. Nowlan, G. E. Hinton: Adaptive mixtures of "
    "local experts. Neural Computation 3, 1991",
    "jax-autodiff": "JAX documentation: Automatic differentiation",
    "katharopoulos-2020": "A. Katharopoulos, A. Vyas, N. Pappas, F. Fleuret: Transformers are "
    "RNNs: fast autoregressive transformers with linear attention. ICML 2020",
    "kingma-welling-2014": "D. P. Kingma, M. Welling: Auto-encoding variational Bayes. ICLR 2014",
    "koenker-2005": "R. Koenker: Quantile Regression. Cambridge University Press, 2005",
    "koren-2009": "Y. Koren, R. Bell, C. Volinsky: Matrix factorization techniques for "
    "recommender systems. Computer 42, 2009",
    "laue-2018": "S. Laue, M. Mitterreiter, J. Giesen: Computing higher order derivatives of "
    "matrix and tensor expressions. NeurIPS 2018",
    "laue-2020": "S. Laue, M. Mitterreiter, J. Giesen: A simple and efficient tensor calculus. "
    "AAAI 2020",
    "lecun-1998-efficient": "Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller: Efficient backprop. "
    "In: Neural Networks: Tricks of the Trade. Springer, 1998",
    "lee-seung-2001": "D. D. Lee, H. S. Seung: Algorithms for non-negative matrix factorization. "
    "NIPS 2000",
    "lehmann-casella-1998": "E. L. Lehmann, G. Casella: Theory of Point Estimation, second "
    "edition. Springer, 1998",
    "lin-2007-platt": "H.-T. Lin, C.-J. Lin, R. C. Weng: A note on Platt's probabilistic "
    "outputs for support vector machines. Machine Learning 68, 2007",
    "lin-2008-trust": "C.-J. Lin, R. C. Weng, S. S. Keerthi: Trust region Newton method for "
    "large-scale logistic regression. Journal of Machine Learning Research 9, 2008",
    "lin-2017-focal": "T.-Y. Lin, P. Goyal, R. Girshick, K. He, P. Dollár: Focal loss for dense "
    "object detection. ICCV 2017",
    "lgspline": "lgspline: documentation of the R package",
    "maaten-hinton-2008": "L. van der Maaten, G. Hinton: Visualizing data using t-SNE. Journal of "
    "Machine Learning Research 9, 2008",
    "matrixcalculus-org": "matrixcalculus.org: documentation, valid input examples",
    "mccullagh-nelder-1989": "P. McCullagh, J. A. Nelder: Generalized Linear Models, second "
    "edition. Chapman and Hall, 1989",
    "milletari-2016": "F. Milletari, N. Navab, S.-A. Ahmadi: V-Net: fully convolutional neural "
    "networks for volumetric medical image segmentation. 3DV 2016",
    "minka-2012-dirichlet": "T. P. Minka: Estimating a Dirichlet distribution. Technical report, "
    "2000, revised 2003, 2009 and 2012",
    "minka-2003-logistic": "T. P. Minka: A comparison of numerical optimizers for logistic "
    "regression. Technical report, 2003",
    "misra-2020": "D. Misra: Mish: a self regularized non-monotonic activation function. BMVC 2020",
    "miyato-2018": "T. Miyato, T. Kataoka, M. Koyama, Y. Yoshida: Spectral normalization for "
    "generative adversarial networks. ICLR 2018",
    "nguyen-bai-2010": "H. V. Nguyen, L. Bai: Cosine similarity metric learning for face "
    "verification. ACCV 2010",
    "nickel-kiela-2017": "M. Nickel, D. Kiela: Poincaré embeddings for learning hierarchical "
    "representations. NIPS 2017",
    "nielsen-2015": "M. A. Nielsen: Neural Networks and Deep Learning. Determination Press, 2015",
    "nocedal-wright-2006": "J. Nocedal, S. J. Wright: Numerical Optimization, second edition. "
    "Springer, 2006",
    "parr-howard-2018": "T. Parr, J. Howard: The matrix calculus you need for deep learning. "
    "arXiv:1802.01528, 2018",
    "pascanu-2013": "R. Pascanu, T. Mikolov, Y. Bengio: On the difficulty of training recurrent "
    "neural networks. ICML 2013",
    "pennington-2014": "J. Pennington, R. Socher, C. D. Manning: GloVe: global vectors for word "
    "representation. EMNLP 2014",
    "petersen-pedersen-2012": "K. B. Petersen, M. S. Pedersen: The Matrix Cookbook. Technical "
    "University of Denmark, version of November 15, 2012",
    "pytorch-autograd": "PyTorch tutorials: A gentle introduction to torch.autograd",
    "rafailov-2023": "R. Rafailov, A. Sharma, E. Mitchell, S. Ermon, C. D. Manning, C. Finn: "
    "Direct preference optimization: your language model is secretly a reward model. NeurIPS 2023",
    "ramachandran-2017": "P. Ramachandran, B. Zoph, Q. V. Le: Searching for activation functions. "
    "arXiv:1710.05941, 2017",
    "ramsauer-2021": "H. Ramsauer et al.: Hopfield networks is all you need. ICLR 2021",
    "rasmussen-williams-2006": "C. E. Rasmussen, C. K. I. Williams: Gaussian Processes for "
    "Machine Learning. MIT Press, 2006",
    "rendle-2009": "S. Rendle, C. Freudenthaler, Z. Gantner, L. Schmidt-Thieme: BPR: Bayesian "
    "personalized ranking from implicit feedback. UAI 2009",
    "rendle-2010": "S. Rendle: Factorization machines. ICDM 2010",
    "rezende-mohamed-2015": "D. J. Rezende, S. Mohamed: Variational inference with normalizing "
    "flows. ICML 2015",
    "rong-2014": "X. Rong: word2vec parameter learning explained. arXiv:1411.2738, 2014",
    "rumelhart-1986": "D. E. Rumelhart, G. E. Hinton, R. J. Williams: Learning representations by "
    "back-propagating errors. Nature 323, 1986",
    "salakhutdinov-2003": "R. Salakhutdinov, S. Roweis, Z. Ghahramani: Optimization with EM and "
    "expectation-conjugate-gradient. ICML 2003",
    "salimans-kingma-2016": "T. Salimans, D. P. Kingma: Weight normalization: a simple "
    "reparameterization to accelerate training of deep neural networks. NIPS 2016",
    "sammon-1969": "J. W. Sammon: A nonlinear mapping for data structure analysis. IEEE "
    "Transactions on Computers C-18, 1969",
    "saxe-2014": "A. M. Saxe, J. L. McClelland, S. Ganguli: Exact solutions to the nonlinear "
    "dynamics of learning in deep linear neural networks. ICLR 2014",
    "spivak-1965": "M. Spivak: Calculus on Manifolds. Benjamin, 1965",
    "stackexchange-1804041": "Mathematics Stack Exchange, question 1804041: How to derive softmax "
    "function",
    "sutton-barto-2018": "R. S. Sutton, A. G. Barto: Reinforcement Learning, second edition. MIT "
    "Press, 2018",
    "sutton-mccallum-2012": "C. Sutton, A. McCallum: An introduction to conditional random "
    "fields. Foundations and Trends in Machine Learning 4, 2012",
    "szegedy-2016": "C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens, Z. Wojna: Rethinking the "
    "Inception architecture for computer vision. CVPR 2016",
    "tibshirani-1996": "R. Tibshirani: Regression shrinkage and selection via the lasso. Journal "
    "of the Royal Statistical Society B 58, 1996",
    "trefethen-bau-1997": "L. N. Trefethen, D. Bau: Numerical Linear Algebra. SIAM, 1997",
    "vaswani-2017": "A. Vaswani et al.: Attention is all you need. NIPS 2017",
    "wainwright-jordan-2008": "M. J. Wainwright, M. I. Jordan: Graphical models, exponential "
    "families, and variational inference. Foundations and Trends in Machine Learning 1, 2008",
    "wang-2017-normface": "F. Wang, X. Xiang, J. Cheng, A. L. Yuille: NormFace: L2 hypersphere "
    "embedding for face verification. ACM Multimedia 2017",
    "wen-2016": "Y. Wen, K. Zhang, Z. Li, Y. Qiao: A discriminative feature learning approach for "
    "deep face recognition. ECCV 2016",
    "werbos-1990": "P. J. Werbos: Backpropagation through time: what it does and how to do it. "
    "Proceedings of the IEEE 78, 1990",
    "wikipedia-matrix-calculus": "Wikipedia: Matrix calculus, tables of identities",
    "williams-1992": "R. J. Williams: Simple statistical gradient-following algorithms for "
    "connectionist reinforcement learning. Machine Learning 8, 1992",
    "xu-2019": "J. Xu, X. Sun, Z. Zhang, G. Zhao, J. Lin: Understanding and improving layer "
    "normalization. NeurIPS 2019",
    "yuan-lin-2006": "M. Yuan, Y. Lin: Model selection and estimation in regression with grouped "
    "variables. Journal of the Royal Statistical Society B 68, 2006",
    "zhang-1997-parameter": "Z. Zhang: Parameter estimation techniques: a tutorial with "
    "application to conic fitting. Image and Vision Computing 15, 1997",
    "zhang-d2l": "A. Zhang, Z. C. Lipton, M. Li, A. J. Smola: Dive into Deep Learning. Cambridge "
    "University Press, 2023",
    "zhang-sennrich-2019": "B. Zhang, R. Sennrich: Root mean square layer normalization. NeurIPS "
    "2019",
}
