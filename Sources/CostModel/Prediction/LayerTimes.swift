/// Seconds of the phases of one layer, on their own.
public struct LayerTimes: Equatable, Sendable {
    /// Norm, router product and top-k, of the slowest rank.
    public var gate: Double
    /// Dispatch, `[ranks]`.
    public var dispatch: [Double]
    /// Routed, shared and dense experts, `[ranks]`.
    public var compute: [Double]
    /// The part of `compute` that the experts take which every token visits, `[ranks]`.
    public var shared: [Double]
    /// Combine, `[ranks]`.
    public var combine: [Double]

    /// Communication of the slowest rank, both ways.
    public var communication: Double { (dispatch.max() ?? 0) + (combine.max() ?? 0) }

    /// Gate and experts of the slowest rank.
    public var work: Double { gate + (compute.max() ?? 0) }

    /// What both halves of a step take of each phase, when each takes what `self` says.
    var doubled: LayerTimes {
        func twice(_ values: [Double]) -> [Double] { values.map { 2 * $0 } }
        return LayerTimes(
            gate: 2 * gate,
            dispatch: twice(dispatch),
            compute: twice(compute),
            shared: twice(shared),
            combine: twice(combine)
        )
    }
}
