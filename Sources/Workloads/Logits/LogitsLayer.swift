import Tensors

/// One layer of a ``LogitsFile``.
public struct LogitsLayer: Sendable {
    /// The number in the tensor's name, or 0 where there is none.
    public let number: Int
    /// The logits, `[token, expert]`.
    let logits: TensorView
    /// What stands before the last part of the tensor's name; what belongs to the layer has the same before its name.
    let prefix: String

    init(number: Int, logits: TensorView) {
        self.number = number
        self.logits = logits
        let lastPart = logits.name.lastIndex(of: ".").map { logits.name.index(after: $0) } ?? logits.name.startIndex
        prefix = String(logits.name[..<lastPart])
    }

    /// The name of the tensor with the logits.
    public var tensor: String { logits.name }

    func checkShape() throws(TensorFileError) {
        guard logits.shape.count == 2, logits.dtype.isFloatingPoint else {
            let found = "has shape \(logits.shape) of \(logits.dtype.rawValue)"
            throw logits.error("\(found); [token, expert] of real numbers is needed")
        }
        guard logits.rows > 0, logits.elementsPerRow > 0 else {
            throw logits.error("has shape \(logits.shape); at least one token and one expert are needed")
        }
    }
}
