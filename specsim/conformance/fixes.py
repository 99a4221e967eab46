"""What to do about a fault, by its kind: the last sentence of every diagnosis."""

FIXES = {
    "acceptance": "Keep token x of position i where uniform * draft[i][x] < target[i][x].",
    "correction": "Draw it from norm((target[i] - draft[i])_+) at the rejected position i.",
    "bonus": "Draw it from target[gamma], the row after the last drafted token, and only if all were kept.",
    "row": "Use row i of target and draft, as given, for the token at position i.",
    "draft": "Declare the law that each token was drawn from, and verify every token that was drawn.",
    "siblings": "Test each candidate against what those before it left, norm((left - law)_+).",
    "randomness": "Draw every coin and every token with randomness of its own.",
    "context": "Let the target read every emitted token before its next law is used.",
    "arithmetic": "Compare uniform * draft < target, in float32 or better, and clamp residuals at 0.",
    "state": "Let a round depend on its arguments only.",
    "crash": "Fall back on the target's row where the residual is 0, and compute nothing that is not needed.",
}
