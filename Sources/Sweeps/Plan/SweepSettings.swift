/// What a sweep file says beside the values that it sets and varies.
struct SweepSettings: Equatable, Sendable {
    /// The configuration that every point starts from.
    var config: String?
    /// By which clock points are timed.
    var clock = SweepClock.measured
    /// Runs of every point.
    var repeats = 1
    /// Seeds that every point runs with, or nil for that of the configuration.
    var seeds: [UInt64]?
    /// What the points are held against.
    var ideal: ScalingIdeal?
    /// The key that makes a point larger.
    var scale = "cluster.workers"
    /// The folder of the results.
    var out: String?
}
