public import Tensors

extension AlignedBuffer {
    /// A copy of its bytes.
    public var bytes: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}
