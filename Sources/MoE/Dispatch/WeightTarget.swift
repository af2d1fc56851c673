/// The operand of a copy's gate weight: the expert's input or its output.
public enum WeightTarget: String, Codable, Sendable {
    /// The expert's output, in combine: y = sum of w E(x).
    case output
    /// The expert's input, in dispatch; combine then sums with weight 1: y = sum of E(w x) (Llama-4).
    case input
}
