import Basics
import Configuration
import Reports

/// How long runs of a sweep take: by the runs that have ended, else by a guess.
struct SweepEstimate {
    /// A measured run, by the guess: the start of its processes, and tokens (steps × tokens, warm-up included) per second.
    static let guessedStart = 0.5
    static let guessedTokensPerSecond = 10_000.0
    /// A predicted run, by the guess.
    static let guessedPrediction = 0.02

    private let clock: SweepClock
    private var seconds = 0.0
    private var tokens = 0.0
    private var runs = 0

    init(clock: SweepClock) {
        self.clock = clock
    }

    /// Takes a run that has ended into account.
    mutating func add(_ record: PointRecord, _ point: SweepPoint) {
        seconds += record.seconds
        tokens += point.tokens
        runs += 1
    }

    /// Seconds that runs take.
    ///
    /// - Parameters:
    ///   - runs: how many.
    ///   - tokens: ``Configuration/SweepPoint/tokens`` of all of them.
    func seconds(runs: Int, tokens: Double) -> Double {
        switch clock {
        case .modelled where self.runs > 0: seconds / Double(self.runs) * Double(runs)
        case .measured where self.tokens > 0: seconds / self.tokens * tokens
        case .measured: Double(runs) * Self.guessedStart + tokens / Self.guessedTokensPerSecond
        case .modelled: Double(runs) * Self.guessedPrediction
        }
    }

    /// What the estimate rests on.
    var basis: String {
        switch clock {
        case .measured where runs > 0:
            "estimated from \(Counted.text(runs, "finished run")), in proportion to steps x tokens"
        case .modelled where runs > 0: "estimated from \(Counted.text(runs, "finished point"))"
        case .measured:
            "a guess, since no run has ended yet: \(Self.guessedStart) s and \(Int(Self.guessedTokensPerSecond)) tokens "
                + "per second (steps x tokens, warm-up included)"
        case .modelled: "a guess, since no point has ended yet: \(Int(Self.guessedPrediction * 1000)) ms each"
        }
    }
}
