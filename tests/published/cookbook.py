"""The Matrix Cookbook, chapter 2: derivatives of vector, matrix and trace expressions."""

import numpy as np
from numpy import eye, outer, trace
from numpy.linalg import det, inv, norm, pinv
from numpy.linalg import matrix_power as power

from tests.published.cases import case, definite, fixed, positive, symmetric

COOKBOOK, MATRIXCALCULUS = "petersen-pedersen-2012", "matrixcalculus-org"
INVERSE = """d = X[0,0]*X[1,1] - X[0,1]*X[1,0]
V[i,j] = where(i == j, X[1-i,1-j], -X[i,j])/d
"""
SQUARE = "parameter X[i:3, j:3]; "
PERMUTATIONS = np.array(
    [[[(j - i) * (k - i) * (k - j) / 2 for k in range(3)] for j in range(3)] for i in range(3)]
)

CASES = (
    # 2.1 Derivatives of a determinant
    case(
        "cookbook-49",
        COOKBOOK,
        "eq. (49)",
        "∂det(X)/∂X = det(X)(X⁻¹)ᵀ",
        """parameter X[i:3, j:3]; input e[p:3, q:3, r:3]
         loss = sum(p, q, r, e[p,q,r]*X[0,p]*X[1,q]*X[2,r])""",
        {"e": fixed(PERMUTATIONS)},
        X=lambda X: det(X) * inv(X).T,
    ),
    case(
        "cookbook-51",
        COOKBOOK,
        "eq. (51)",
        "∂det(AXB)/∂X = det(AXB)(X⁻¹)ᵀ",
        """parameter X[j:2, k:2]; input A[i:2, j], B[k, l:2]
         Y[i,l] = sum(j, k, A[i,j]*X[j,k]*B[k,l])
         loss = Y[0,0]*Y[1,1] - Y[0,1]*Y[1,0]""",
        X=lambda X, A, B: det(A @ X @ B) * inv(X).T,
    ),
    case(
        "cookbook-52",
        COOKBOOK,
        "eq. (52)",
        "∂det(XᵀAX)/∂X = 2det(XᵀAX)X⁻ᵀ",
        """parameter X[i:2, j:2]; input A[i, k:2]
         Y[j,l:2] = sum(i, k, X[i,j]*A[i,k]*X[k,l])
         loss = Y[0,0]*Y[1,1] - Y[0,1]*Y[1,0]""",
        X=lambda X, A: 2 * det(X.T @ A @ X) * inv(X).T,
    ),
    case(
        "cookbook-53",
        COOKBOOK,
        "eq. (53)",
        "∂det(XᵀAX)/∂X = 2det(XᵀAX)AX(XᵀAX)⁻¹, A symmetric",
        """parameter X[i:3, j:2]; input A[i, k:3]
         Y[j,l:2] = sum(i, k, X[i,j]*A[i,k]*X[k,l])
         loss = Y[0,0]*Y[1,1] - Y[0,1]*Y[1,0]""",
        {"A": symmetric},
        X=lambda X, A: 2 * det(X.T @ A @ X) * A @ X @ inv(X.T @ A @ X),
    ),
    case(
        "cookbook-54",
        COOKBOOK,
        "eq. (54)",
        "∂det(XᵀAX)/∂X = det(XᵀAX)(AX(XᵀAX)⁻¹ + AᵀX(XᵀAᵀX)⁻¹)",
        """parameter X[i:3, j:2]; input A[i, k:3]
         Y[j,l:2] = sum(i, k, X[i,j]*A[i,k]*X[k,l])
         loss = Y[0,0]*Y[1,1] - Y[0,1]*Y[1,0]""",
        X=lambda X, A: det(X.T @ A @ X) * (A @ X @ inv(X.T @ A @ X) + A.T @ X @ inv(X.T @ A.T @ X)),
    ),
    case(
        "cookbook-55",
        COOKBOOK,
        "eq. (55)",
        "∂ln|det(XᵀX)|/∂X = 2(X⁺)ᵀ",
        """parameter X[i:3, j:2]
         Y[j,l:2] = sum(i, X[i,j]*X[i,l])
         loss = log(abs(Y[0,0]*Y[1,1] - Y[0,1]*Y[1,0]))""",
        X=lambda X: 2 * pinv(X).T,
    ),
    case(
        "cookbook-57",
        COOKBOOK,
        "eq. (57)",
        "∂ln|det(X)|/∂X = (X⁻¹)ᵀ",
        "parameter X[i:2, j:2]; loss = log(abs(X[0,0]*X[1,1] - X[0,1]*X[1,0]))",
        X=lambda X: inv(X).T,
    ),
    case(
        "cookbook-58",
        COOKBOOK,
        "eq. (58)",
        "∂det(Xᵏ)/∂X = k det(Xᵏ)X⁻ᵀ",
        """parameter X[i:2, j:2]
         Y[i,k:2] = sum(j, l:2, X[i,j]*X[j,l]*X[l,k])
         loss = Y[0,0]*Y[1,1] - Y[0,1]*Y[1,0]""",
        X=lambda X: 3 * det(power(X, 3)) * inv(X).T,
    ),
    # 2.2 Derivatives of an inverse
    case(
        "cookbook-61",
        COOKBOOK,
        "eq. (61)",
        "∂aᵀX⁻¹b/∂X = −X⁻ᵀabᵀX⁻ᵀ",
        "parameter X[i:2, j:2]; input a[i], b[j]\n"
        + INVERSE
        + "loss = sum(i, j, a[i]*V[i,j]*b[j])",
        X=lambda X, a, b: -inv(X).T @ outer(a, b) @ inv(X).T,
    ),
    case(
        "cookbook-62",
        COOKBOOK,
        "eq. (62)",
        "∂det(X⁻¹)/∂X = −det(X⁻¹)(X⁻¹)ᵀ",
        "parameter X[i:2, j:2]; loss = 1/(X[0,0]*X[1,1] - X[0,1]*X[1,0])",
        X=lambda X: -det(inv(X)) * inv(X).T,
    ),
    case(
        "cookbook-63",
        COOKBOOK,
        "eqs. (63) and (124)",
        "∂Tr(AX⁻¹B)/∂X = −(X⁻¹BAX⁻¹)ᵀ",
        "parameter X[i:2, j:2]; input A[k:3, i], B[j, k]\n"
        + INVERSE
        + "loss = sum(k, i, j, A[k,i]*V[i,j]*B[j,k])",
        X=lambda X, A, B: -(inv(X) @ B @ A @ inv(X)).T,
    ),
    case(
        "cookbook-64",
        COOKBOOK,
        "eq. (64)",
        "∂Tr((X+A)⁻¹)/∂X = −((X+A)⁻¹(X+A)⁻¹)ᵀ",
        """parameter X[i:2, j:2]; input A[i, j]
         Y[i,j] = X[i,j] + A[i,j]
         loss = (Y[0,0] + Y[1,1])/(Y[0,0]*Y[1,1] - Y[0,1]*Y[1,0])""",
        X=lambda X, A: -(inv(X + A) @ inv(X + A)).T,
    ),
    # 2.4 Derivatives of matrices, vectors and scalar forms
    case(
        "cookbook-69",
        COOKBOOK,
        "eq. (69)",
        "∂xᵀa/∂x = a",
        "parameter x[i:n]; input a[i]; loss = sum(i, x[i]*a[i])",
        x=lambda a: a,
    ),
    case(
        "cookbook-70",
        COOKBOOK,
        "eq. (70)",
        "∂aᵀXb/∂X = abᵀ",
        "parameter X[i:3, j:4]; input a[i], b[j]; loss = sum(i, j, a[i]*X[i,j]*b[j])",
        X=lambda a, b: outer(a, b),
    ),
    case(
        "cookbook-71",
        COOKBOOK,
        "eq. (71)",
        "∂aᵀXᵀb/∂X = baᵀ",
        "parameter X[i:3, j:4]; input a[j], b[i]; loss = sum(i, j, a[j]*X[i,j]*b[i])",
        X=lambda a, b: outer(b, a),
    ),
    case(
        "cookbook-72",
        COOKBOOK,
        "eq. (72)",
        "∂aᵀXa/∂X = aaᵀ",
        "parameter X[i:n, j:n]; input a[i]; loss = sum(i, j, a[i]*X[i,j]*a[j])",
        X=lambda a: outer(a, a),
    ),
    case(
        "cookbook-76",
        COOKBOOK,
        "eq. (76)",
        "∂/∂Xᵢⱼ Σₖₗₘₙ XₖₗXₘₙ = 2 Σₖₗ Xₖₗ",
        "parameter X[i:3, j:4]; loss = sum(i, j, k:3, l:4, X[i,j]*X[k,l])",
        X=lambda X: np.full(X.shape, 2 * X.sum()),
    ),
    case(
        "cookbook-77",
        COOKBOOK,
        "eq. (77)",
        "∂bᵀXᵀXc/∂X = X(bcᵀ + cbᵀ)",
        """parameter X[k:3, i:4]; input b[i], c[i]
         loss = sum(k, i, j:4, b[i]*X[k,i]*X[k,j]*c[j])""",
        X=lambda X, b, c: X @ (outer(b, c) + outer(c, b)),
    ),
    case(
        "cookbook-78",
        COOKBOOK,
        "eq. (78)",
        "∂(Bx+b)ᵀC(Dx+d)/∂x = BᵀC(Dx+d) + DᵀCᵀ(Bx+b)",
        """parameter x[k:3]; input B[i:2, k], b[i], C[i, j:4], D[j, k], d[j]
         u[i] = sum(k, B[i,k]*x[k]) + b[i]
         v[j] = sum(k, D[j,k]*x[k]) + d[j]
         loss = sum(i, j, u[i]*C[i,j]*v[j])""",
        x=lambda x, B, b, C, D, d: B.T @ C @ (D @ x + d) + D.T @ C.T @ (B @ x + b),
    ),
    case(
        "cookbook-81",
        COOKBOOK,
        "eq. (81)",
        "∂xᵀBx/∂x = (B + Bᵀ)x",
        "parameter x[i:n]; input B[i, j:n]; loss = sum(i, j, x[i]*B[i,j]*x[j])",
        x=lambda x, B: (B + B.T) @ x,
    ),
    case(
        "cookbook-82",
        COOKBOOK,
        "eq. (82)",
        "∂bᵀXᵀDXc/∂X = DᵀXbcᵀ + DXcbᵀ",
        """parameter X[k:3, i:4]; input b[i], c[i], D[k, l:3]
         loss = sum(i, j:4, k, l, b[i]*X[k,i]*D[k,l]*X[l,j]*c[j])""",
        X=lambda X, b, c, D: D.T @ X @ outer(b, c) + D @ X @ outer(c, b),
    ),
    case(
        "cookbook-83",
        COOKBOOK,
        "eq. (83)",
        "∂/∂X (Xb+c)ᵀD(Xb+c) = (D + Dᵀ)(Xb+c)bᵀ",
        """parameter X[k:3, i:4]; input b[i], c[k], D[k, l:3]
         u[k] = sum(i, X[k,i]*b[i]) + c[k]
         loss = sum(k, l, u[k]*D[k,l]*u[l])""",
        X=lambda X, b, c, D: outer((D + D.T) @ (X @ b + c), b),
    ),
    case(
        "cookbook-84",
        COOKBOOK,
        "eqs. (84), (87) and (88)",
        "∂/∂s, ∂/∂x, ∂/∂A of (x−As)ᵀW(x−As) = −2AᵀW(x−As), 2W(x−As), −2W(x−As)sᵀ",
        """parameter A[i:3, k:4], s[k], x[i]; input W[i, j:3]
         r[i] = x[i] - sum(k, A[i,k]*s[k])
         loss = sum(i, j, r[i]*W[i,j]*r[j])""",
        {"W": symmetric},
        s=lambda A, s, x, W: -2 * A.T @ W @ (x - A @ s),
        x=lambda A, s, x, W: 2 * W @ (x - A @ s),
        A=lambda A, s, x, W: -2 * outer(W @ (x - A @ s), s),
    ),
    case(
        "cookbook-85",
        COOKBOOK,
        "eqs. (85) and (86)",
        "∂/∂x, ∂/∂s of (x−s)ᵀW(x−s) = 2W(x−s), −2W(x−s)",
        """parameter x[i:3], s[i]; input W[i, j:3]
         loss = sum(i, j, (x[i] - s[i])*W[i,j]*(x[j] - s[j]))""",
        {"W": symmetric},
        x=lambda x, s, W: 2 * W @ (x - s),
        s=lambda x, s, W: -2 * W @ (x - s),
    ),
    case(
        "cookbook-91",
        COOKBOOK,
        "section 2.4.3",
        "∂/∂X aᵀXⁿb = Σᵣ (Xʳ)ᵀabᵀ(Xⁿ⁻¹⁻ʳ)ᵀ",
        """parameter X[i:n, j:n]; input a[i], b[i]
         loss = sum(i, j, k:n, l:n, a[i]*X[i,j]*X[j,k]*X[k,l]*b[l])""",
        X=lambda X, a, b: sum(power(X, r).T @ outer(a, b) @ power(X, 2 - r).T for r in range(3)),
    ),
    case(
        "cookbook-quotient",
        COOKBOOK,
        "section 2.4.3",
        "∂/∂x (Ax)ᵀ(Ax)/((Bx)ᵀ(Bx)) = 2AᵀAx/(xᵀBᵀBx) − 2xᵀAᵀAx BᵀBx/(xᵀBᵀBx)²",
        """parameter x[k:3]; input A[i:4, k], B[j:2, k]
         u[i] = sum(k, A[i,k]*x[k])
         v[j] = sum(k, B[j,k]*x[k])
         loss = sum(i, u[i]**2)/sum(j, v[j]**2)""",
        x=lambda x, A, B: (
            2 * A.T @ A @ x / (x @ B.T @ B @ x)
            - 2 * (x @ A.T @ A @ x) * B.T @ B @ x / (x @ B.T @ B @ x) ** 2
        ),
    ),
    case(
        "cookbook-gradient",
        COOKBOOK,
        "section 2.4.4",
        "f = xᵀAx + bᵀx, ∇f = (A + Aᵀ)x + b",
        """parameter x[i:n]; input A[i, j:n], b[i]
         loss = sum(i, j, x[i]*A[i,j]*x[j]) + sum(i, b[i]*x[i])""",
        x=lambda x, A, b: (A + A.T) @ x + b,
    ),
    # 2.5 Derivatives of traces
    case(
        "cookbook-98",
        COOKBOOK,
        "eqs. (98) and (128)",
        "∂Tr(F(X))/∂X = f(X)ᵀ; here F = X + X²/2 + X³/6",
        SQUARE
        + """loss = (sum(i, X[i,i]) + sum(i, j, X[i,j]*X[j,i])/2
           + sum(i, j, k:3, X[i,j]*X[j,k]*X[k,i])/6)""",
        X=lambda X: (eye(3) + X + X @ X / 2).T,
    ),
    case(
        "cookbook-99",
        COOKBOOK,
        "eq. (99)",
        "∂Tr(X)/∂X = I",
        SQUARE + "loss = sum(i, X[i,i])",
        X=lambda: eye(3),
    ),
    case(
        "cookbook-100",
        COOKBOOK,
        "eq. (100)",
        "∂Tr(XA)/∂X = Aᵀ",
        "parameter X[i:m, j:n]; input A[j, i]; loss = sum(i, j, X[i,j]*A[j,i])",
        X=lambda A: A.T,
    ),
    case(
        "cookbook-101",
        COOKBOOK,
        "eq. (101)",
        "∂Tr(AXB)/∂X = AᵀBᵀ",
        """parameter X[j:3, k:4]; input A[i:2, j], B[k, i]
         loss = sum(i, j, k, A[i,j]*X[j,k]*B[k,i])""",
        X=lambda A, B: A.T @ B.T,
    ),
    case(
        "cookbook-102",
        COOKBOOK,
        "eq. (102)",
        "∂Tr(AXᵀB)/∂X = BA",
        """parameter X[k:3, j:4]; input A[i:2, j], B[k, i]
         loss = sum(i, j, k, A[i,j]*X[k,j]*B[k,i])""",
        X=lambda A, B: B @ A,
    ),
    case(
        "cookbook-103",
        COOKBOOK,
        "eq. (103)",
        "∂Tr(XᵀA)/∂X = A",
        "parameter X[i:m, j:n]; input A[i, j]; loss = sum(i, j, X[i,j]*A[i,j])",
        X=lambda A: A,
    ),
    case(
        "cookbook-105",
        COOKBOOK,
        "eq. (105)",
        "∂Tr(A⊗X)/∂X = Tr(A)I",
        "parameter X[i:3, j:3]; input A[k:2, l:2]; loss = sum(k, i, A[k,k]*X[i,i])",
        X=lambda A: trace(A) * eye(3),
    ),
    case(
        "cookbook-106",
        COOKBOOK,
        "eq. (106)",
        "∂Tr(X²)/∂X = 2Xᵀ",
        SQUARE + "loss = sum(i, j, X[i,j]*X[j,i])",
        X=lambda X: 2 * X.T,
    ),
    case(
        "cookbook-107",
        COOKBOOK,
        "eq. (107)",
        "∂Tr(X²B)/∂X = (XB + BX)ᵀ",
        SQUARE + "input B[i, j]; loss = sum(i, j, k:3, X[i,j]*X[j,k]*B[k,i])",
        X=lambda X, B: (X @ B + B @ X).T,
    ),
    case(
        "cookbook-108",
        COOKBOOK,
        "eq. (108)",
        "∂Tr(XᵀBX)/∂X = BX + BᵀX",
        """parameter X[i:3, j:4]; input B[i, k:3]
         loss = sum(j, i, k, X[i,j]*B[i,k]*X[k,j])""",
        X=lambda X, B: B @ X + B.T @ X,
    ),
    case(
        "cookbook-111",
        COOKBOOK,
        "eq. (111)",
        "∂Tr(XBXᵀ)/∂X = XBᵀ + XB",
        """parameter X[i:3, j:4]; input B[j, k:4]
         loss = sum(i, j, k, X[i,j]*B[j,k]*X[i,k])""",
        X=lambda X, B: X @ B.T + X @ B,
    ),
    case(
        "cookbook-114",
        COOKBOOK,
        "eq. (114)",
        "∂Tr(AXBX)/∂X = AᵀXᵀBᵀ + BᵀXᵀAᵀ",
        """parameter X[j:3, k:4]; input A[i:4, j], B[k, l:3]
         loss = sum(i, j, k, l, A[i,j]*X[j,k]*B[k,l]*X[l,i])""",
        X=lambda X, A, B: A.T @ X.T @ B.T + B.T @ X.T @ A.T,
    ),
    case(
        "cookbook-115",
        COOKBOOK,
        "eq. (115)",
        "∂Tr(XᵀX)/∂X = 2X",
        "parameter X[i:m, j:n]; loss = sum(j, i, X[i,j]*X[i,j])",
        X=lambda X: 2 * X,
    ),
    case(
        "cookbook-116",
        COOKBOOK,
        "eq. (116)",
        "∂Tr(BᵀXᵀCXB)/∂X = CᵀXBBᵀ + CXBBᵀ",
        """parameter X[i:3, j:4]; input B[j, k:2], C[i, l:3]
         Y[i,k] = sum(j, X[i,j]*B[j,k])
         loss = sum(k, i, l, Y[i,k]*C[i,l]*Y[l,k])""",
        X=lambda X, B, C: C.T @ X @ B @ B.T + C @ X @ B @ B.T,
    ),
    case(
        "cookbook-117",
        COOKBOOK,
        "eq. (117)",
        "∂Tr[XᵀBXC]/∂X = BXC + BᵀXCᵀ",
        """parameter X[i:3, j:4]; input B[i, k:3], C[l:4, j]
         loss = sum(j, i, k, l, X[i,j]*B[i,k]*X[k,l]*C[l,j])""",
        X=lambda X, B, C: B @ X @ C + B.T @ X @ C.T,
    ),
    case(
        "cookbook-118",
        COOKBOOK,
        "eq. (118)",
        "∂Tr[AXBXᵀC]/∂X = AᵀCᵀXBᵀ + CAXB",
        """parameter X[j:3, k:4]; input A[i:2, j], B[k, l:4], C[m:3, i]
         loss = sum(i, j, k, l, m, A[i,j]*X[j,k]*B[k,l]*X[m,l]*C[m,i])""",
        X=lambda X, A, B, C: A.T @ C.T @ X @ B.T + C @ A @ X @ B,
    ),
    case(
        "cookbook-119",
        COOKBOOK,
        "eq. (119)",
        "∂Tr[(AXB+C)(AXB+C)ᵀ]/∂X = 2Aᵀ(AXB+C)Bᵀ",
        """parameter X[j:3, k:4]; input A[i:2, j], B[k, l:5], C[i, l]
         Y[i,l] = sum(j, k, A[i,j]*X[j,k]*B[k,l]) + C[i,l]
         loss = sum(i, l, Y[i,l]**2)""",
        X=lambda X, A, B, C: 2 * A.T @ (A @ X @ B + C) @ B.T,
    ),
    case(
        "cookbook-120",
        COOKBOOK,
        "eq. (120)",
        "∂Tr(X⊗X)/∂X = 2Tr(X)I",
        SQUARE + "loss = sum(i, j, X[i,i]*X[j,j])",
        X=lambda X: 2 * trace(X) * eye(3),
    ),
    case(
        "cookbook-121",
        COOKBOOK,
        "eq. (121)",
        "∂Tr(Xᵏ)/∂X = k(Xᵏ⁻¹)ᵀ",
        SQUARE + "loss = sum(i, j, k:3, l:3, X[i,j]*X[j,k]*X[k,l]*X[l,i])",
        X=lambda X: 4 * power(X, 3).T,
    ),
    case(
        "cookbook-122",
        COOKBOOK,
        "eq. (122)",
        "∂Tr(AXᵏ)/∂X = Σᵣ (XʳAXᵏ⁻ʳ⁻¹)ᵀ",
        SQUARE + "input A[i, j]; loss = sum(i, j, k:3, l:3, A[i,j]*X[j,k]*X[k,l]*X[l,i])",
        X=lambda X, A: sum((power(X, r) @ A @ power(X, 2 - r)).T for r in range(3)),
    ),
    case(
        "cookbook-123",
        COOKBOOK,
        "eq. (123)",
        "∂Tr[BᵀXᵀCXXᵀCXB]/∂X = CXXᵀCXBBᵀ + CᵀXBBᵀXᵀCᵀX + CXBBᵀXᵀCX + CᵀXXᵀCᵀXBBᵀ",
        """parameter X[i:3, j:4]; input B[j, k:2], C[i, l:3]
         P[j,m:4] = sum(i, l, X[i,j]*C[i,l]*X[l,m])
         loss = sum(k, j, m, q:4, B[j,k]*P[j,m]*P[m,q]*B[q,k])""",
        X=lambda X, B, C: (
            C @ X @ X.T @ C @ X @ B @ B.T
            + C.T @ X @ B @ B.T @ X.T @ C.T @ X
            + C @ X @ B @ B.T @ X.T @ C @ X
            + C.T @ X @ X.T @ C.T @ X @ B @ B.T
        ),
    ),
    case(
        "cookbook-126",
        COOKBOOK,
        "eq. (126)",
        "∂Tr[(XᵀCX)⁻¹(XᵀBX)]/∂X = −2CX(XᵀCX)⁻¹XᵀBX(XᵀCX)⁻¹ + 2BX(XᵀCX)⁻¹, B, C symmetric",
        """parameter X[a:3, i:2]; input B[a, b:3], C[a, b]
         S[i,j:2] = sum(a, b, X[a,i]*C[a,b]*X[b,j])
         R[i,j] = sum(a, b, X[a,i]*B[a,b]*X[b,j])
         d = S[0,0]*S[1,1] - S[0,1]*S[1,0]
         V[i,j] = where(i == j, S[1-i,1-j], -S[i,j])/d
         loss = sum(i, j, V[i,j]*R[j,i])""",
        {"B": symmetric, "C": definite},
        X=lambda X, B, C: (
            -2 * C @ X @ inv(X.T @ C @ X) @ X.T @ B @ X @ inv(X.T @ C @ X)
            + 2 * B @ X @ inv(X.T @ C @ X)
        ),
    ),
    # 2.6 and 2.7 Norms
    case(
        "cookbook-129",
        COOKBOOK,
        "eq. (129)",
        "∂‖x−a‖/∂x = (x−a)/‖x−a‖",
        "parameter x[i:n]; input a[i]; loss = sqrt(sum(i, (x[i] - a[i])**2))",
        x=lambda x, a: (x - a) / norm(x - a),
    ),
    case(
        "cookbook-131",
        COOKBOOK,
        "eq. (131)",
        "∂‖x‖²/∂x = 2x",
        "parameter x[i:n]; loss = sum(i, x[i]**2)",
        x=lambda x: 2 * x,
    ),
    case(
        "cookbook-132",
        COOKBOOK,
        "eq. (132)",
        "∂‖X‖²_F/∂X = 2X",
        "parameter X[i:m, j:n]; loss = sum(i, j, X[i,j]**2)",
        X=lambda X: 2 * X,
    ),
    # 2.8 Structured matrices
    case(
        "cookbook-141",
        COOKBOOK,
        "section 2.8.2, eq. (141)",
        "∂Tr(AX)/∂X = A + Aᵀ − (A∘I), X symmetric",
        """parameter T[i:3, j:3]; input A[i, j]
         X[i,j] = where(i <= j, T[i,j], T[j,i])
         loss = sum(i, j, A[i,j]*X[j,i])""",
        T=lambda A: np.triu(A + A.T - A * eye(3)),
    ),
    # matrixcalculus.org
    case(
        "mc-quadratic",
        MATRIXCALCULUS,
        "0.5*x'*A*x",
        "∂(½xᵀAx)/∂x = ½(Ax + Aᵀx)",
        "parameter x[i:n]; input A[i, j:n]; loss = 0.5*sum(i, j, x[i]*A[i,j]*x[j])",
        x=lambda x, A: 0.5 * (A @ x + A.T @ x),
    ),
    case(
        "mc-exponential",
        MATRIXCALCULUS,
        "A*exp(x)",
        "∂(A exp x)/∂x = A diag(exp x)",
        "parameter x[j:3]; input A[i:2, j]; u[i] = sum(j, A[i,j]*exp(x[j]))",
        **{"u/x": lambda x, A: A @ np.diag(np.exp(x))},
    ),
    case(
        "mc-hadamard",
        MATRIXCALCULUS,
        "(y.*v)'*x",
        "∂((y ⊙ v)ᵀx)/∂y = v ⊙ x, by x: y ⊙ v",
        "parameter y[i:n], v[i], x[i]; loss = sum(i, y[i]*v[i]*x[i])",
        y=lambda v, x: v * x,
        v=lambda y, x: y * x,
        x=lambda y, v: y * v,
    ),
    case(
        "mc-power",
        MATRIXCALCULUS,
        "a^b",
        "∂aᵇ/∂a = b aᵇ⁻¹, ∂aᵇ/∂b = aᵇ log a",
        "parameter a, b; loss = a**b",
        {"a": positive},
        a=lambda a, b: b * a ** (b - 1),
        b=lambda a, b: a**b * np.log(a),
    ),
    case(
        "mc-norm1",
        MATRIXCALCULUS,
        "norm1(A*x-y)",
        "∂‖Ax − y‖₁/∂x = Aᵀsign(Ax − y)",
        """parameter x[j:3]; input A[i:4, j], y[i]
         loss = sum(i, abs(sum(j, A[i,j]*x[j]) - y[i]))""",
        x=lambda x, A, y: A.T @ np.sign(A @ x - y),
    ),
    case(
        "mc-norm2",
        MATRIXCALCULUS,
        "norm2(A*x-y)^2",
        "∂‖Ax − y‖²/∂x = 2Aᵀ(Ax − y)",
        """parameter x[j:3]; input A[i:4, j], y[i]
         loss = sqrt(sum(i, (sum(j, A[i,j]*x[j]) - y[i])**2))**2""",
        x=lambda x, A, y: 2 * A.T @ (A @ x - y),
    ),
    case(
        "mc-logistic",
        MATRIXCALCULUS,
        "sum(log(exp(-y.*(X*w)) + vector(1)))",
        "−Xᵀ(y ⊙ exp(−y ⊙ Xw) ⊘ (exp(−y ⊙ Xw) + 1))",
        """parameter w[j:3]; input X[i:4, j], y[i]
         loss = sum(i, log(exp(-y[i]*sum(j, X[i,j]*w[j])) + 1))""",
        w=lambda w, X, y: -X.T @ (y * np.exp(-y * (X @ w)) / (np.exp(-y * (X @ w)) + 1)),
    ),
    case(
        "mc-trace",
        MATRIXCALCULUS,
        "tr(A*X'*B*X*C)",
        "∂tr(AXᵀBXC)/∂X = BXCA + BᵀXAᵀCᵀ",
        """parameter X[k:3, j:4]; input A[i:2, j], B[k, m:3], C[n:4, i]
         loss = sum(i, j, k, m, n, A[i,j]*X[k,j]*B[k,m]*X[m,n]*C[n,i])""",
        X=lambda X, A, B, C: B @ X @ C @ A + B.T @ X @ A.T @ C.T,
    ),
    case(
        "mc-logdet",
        MATRIXCALCULUS,
        "log(det(inv(X)))",
        "∂ log det X⁻¹/∂X = −X⁻ᵀ",
        """parameter X[i:2, j:2]
         d = X[0,0]*X[1,1] - X[0,1]*X[1,0]
         V[i,j] = where(i == j, X[1-i,1-j], -X[i,j])/d
         loss = log(V[0,0]*V[1,1] - V[0,1]*V[1,0])""",
        {"X": definite},
        X=lambda X: -inv(X).T,
    ),
    case(
        "mahalanobis",
        "deisenroth-2020",
        "exercise 5.8a",
        "f = exp(−½ yᵀS⁻¹y), y = x − μ: ∂f/∂x = −f (x − μ)ᵀS⁻¹, S symmetric",
        """parameter x[i:n]; input mu[i], P[i, j:n]
         loss = exp(-sum(i, j, (x[i] - mu[i])*P[i,j]*(x[j] - mu[j]))/2)""",
        {"P": definite},
        x=lambda x, mu, P: -np.exp(-(x - mu) @ P @ (x - mu) / 2) * ((x - mu) @ P),
    ),
)
