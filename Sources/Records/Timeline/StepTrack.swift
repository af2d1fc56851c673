/// What went on in one step, moment by moment; the sums of it are the step's ``StepRecord``.
///
/// All times are nanoseconds on one monotonic clock: the coordinator's in a live run, one that begins at 0 in a
/// prediction.
public struct StepTrack: Equatable, Sendable {
    /// Index of the step, counted without the warm-up.
    public var step: Int
    /// From tokens in to outputs combined.
    public var span: Range<Int64>
    /// Its layers, in order.
    public var layers: [LayerTrack]
    /// What the coordinator did, in order of time for each kind of work; none in a prediction.
    public var coordinator: [CoordinatorPiece]

    /// A step.
    public init(step: Int, span: Range<Int64>, layers: [LayerTrack], coordinator: [CoordinatorPiece] = []) {
        self.step = step
        self.span = span
        self.layers = layers
        self.coordinator = coordinator
    }
}
