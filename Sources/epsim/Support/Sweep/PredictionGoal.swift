import ArgumentParser

/// What the best point of a sweep is best at.
enum PredictionGoal: String, CaseIterable, ExpressibleByArgument {
    /// The shortest step.
    case latency
    /// The most tokens per second and rank.
    case throughput

    /// What it asks for, in words.
    var words: String {
        switch self {
        case .latency: "the shortest step"
        case .throughput: "the most tokens per second and rank"
        }
    }
}
