/// A workload that knows how the copies are spread over experts on average, without drawing any token.
public protocol ExpectedLoads: Workload {
    /// Share of the copies of each expert in one layer, `[experts]`, of sum 1.
    ///
    /// - Parameter choices: different experts per token, k.
    func shares(layer: Int, choices: Int) -> [Double]
}
