public import Placement

/// The seconds that a slot with copies takes on a hardware profile.
///
/// Of a rank, the model of expert products adds the slots' seconds up, so that this is what one more slot or copy costs it.
public struct SlotCost: RankCost {
    private let compute: ComputeModel
    private let launch: Double

    /// The cost of slots whose products `compute` models.
    public init(_ compute: ComputeModel) {
        self.compute = compute
        launch = compute.seconds(rows: [0], tokens: 0)
    }

    /// Seconds of a slot beyond what its rank takes without it; 0 for no copies.
    public func cost(ofSlotWith copies: Double) -> Double {
        copies > 0 ? max(0, compute.seconds(rows: [copies], tokens: copies) - launch) : 0
    }
}
