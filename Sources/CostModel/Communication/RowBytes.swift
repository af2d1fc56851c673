/// Bytes of one token row on its way to an expert, and back.
public struct RowBytes: Equatable, Sendable {
    /// Dispatch.
    public var dispatch: Double
    /// Combine.
    public var combine: Double

    /// Rows of `hidden` numbers.
    ///
    /// fp8 has one single for every 128 numbers as their scale; low-latency kernels put 16 bytes in front of each row.
    /// Source: DeepEP, README.md and csrc/kernels/internode_ll.cu.
    public init(hidden: Int, dispatchIn8Bits: Bool, kernel: CommunicationKernel) {
        let width = Double(hidden)
        let header: Double = kernel == .lowLatency ? 16 : 0
        dispatch = (dispatchIn8Bits ? width + 4 * (width / 128).rounded(.up) : 2 * width) + header
        combine = 2 * width
    }
}
