/// A stretch of time that the coordinator spent on the tokens of one layer.
public struct CoordinatorPiece: Equatable, Sendable {
    /// What it did.
    public var work: CoordinatorWork
    /// Index of the MoE layer.
    public var layer: Int
    /// From when to when, in nanoseconds of wall time.
    public var span: Range<Int64>

    /// A stretch of time.
    public init(work: CoordinatorWork, layer: Int, span: Range<Int64>) {
        self.work = work
        self.layer = layer
        self.span = span
    }
}
