/// The origin of the times of steps: measured or modelled.
public enum StepClock: String, Codable, CaseIterable, Sendable {
    /// Wall time of real processes, in live runs.
    case measured
    /// Time by a cost model over a hardware profile, in predictions.
    case modelled

    /// The command that has this clock, for messages: `a live run`.
    public var command: String {
        switch self {
        case .measured: "a live run"
        case .modelled: "a prediction"
        }
    }

    /// Those commands, for messages: `live runs`.
    public var commands: String {
        switch self {
        case .measured: "live runs"
        case .modelled: "predictions"
        }
    }
}

/// The commands that read an option.
///
/// A setting that somebody gives to one command (by a flag, the environment or a sweep file) and that the command does
/// not read is an error. A configuration file may serve the commands of both clocks.
public enum OptionReaders: Equatable, Sendable {
    /// Live runs and predictions.
    case all
    /// The commands of one clock; those of the other one pass over the setting in a configuration file, with a note.
    case only(StepClock)
    /// The commands of one clock, whose results it changes in a way that the other one cannot show: in a configuration
    /// file, too, it is an error of the others, unless it has its default.
    case effect(StepClock)

    /// The only clock whose commands read the option, or nil where all do.
    public var clock: StepClock? {
        switch self {
        case .all: nil
        case .only(let clock), .effect(let clock): clock
        }
    }
}
