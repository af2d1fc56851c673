public import Basics

/// The reasons why a configuration or the model catalogue cannot be used: all problems that were found.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// The first problems, at most 20.
    public let problems: [ConfigurationProblem]
    /// The number of problems that were found beyond those in ``problems``.
    public let omitted: Int

    /// Create an error with its problems.
    public init(problems: [ConfigurationProblem], omitted: Int = 0) {
        self.problems = problems
        self.omitted = omitted
    }

    /// Create an error with one problem.
    public init(_ problem: ConfigurationProblem) {
        self.init(problems: [problem])
    }

    /// The problems, one per line.
    public var description: String {
        let lines = problems.map(\.description)
        return (omitted == 0 ? lines : lines + ["and \(omitted) more"]).joined(separator: "\n")
    }
}

/// One problem of a configuration.
public struct ConfigurationProblem: Equatable, Sendable, CustomStringConvertible {
    /// The place of the problem: `file:line:column`, the environment variable or the flag; the bare file name when the
    /// whole file is meant.
    public let location: String
    /// The dotted key, or nil when no single key is meant.
    public let key: String?
    /// The text that was found and the texts that are allowed.
    public let message: String

    /// Create a problem at a place.
    public init(location: String, key: String? = nil, message: String) {
        self.location = location
        self.key = key
        self.message = message
    }

    /// The problem in one line: `location: key: message`.
    public var description: String {
        key.map { "\(location): \($0): \(message)" } ?? "\(location): \(message)"
    }

    /// The problem of a value that a setting cannot take.
    public static func value(
        _ found: String,
        of key: String,
        allowed: String,
        hint: String = "",
        at source: Source
    ) -> ConfigurationProblem {
        ConfigurationProblem(
            location: source.location,
            key: key,
            message: "found \(Quoted.value(found)), \(hint)allowed: \(allowed)"
        )
    }
}

/// A list of problems in the order in which they were found. It keeps a bounded number and counts the others, so that a
/// file full of errors fills neither memory nor a screen.
public struct ProblemList: Equatable, Sendable {
    /// The number of problems that are kept at most.
    public static let limit = 20

    /// The problems that are kept: the first ones, at most ``limit``.
    public private(set) var kept: [ConfigurationProblem] = []
    /// The number of problems that were added beyond those in ``kept``.
    public private(set) var omitted = 0

    /// Create an empty list.
    public init() {}

    /// True when there is no problem.
    public var isEmpty: Bool { kept.isEmpty }

    /// Add a problem; past the limit its text is not even made.
    public mutating func add(_ problem: @autoclosure () -> ConfigurationProblem) {
        if kept.count < Self.limit {
            kept.append(problem())
        } else {
            omitted += 1
        }
    }

    /// Add the problems of another list.
    public mutating func add(_ others: ProblemList) {
        for problem in others.kept {
            add(problem)
        }
        omitted += others.omitted
    }

    /// Throw all problems, if there are any.
    public func throwIfAny() throws(ConfigurationError) {
        if !isEmpty {
            throw ConfigurationError(problems: kept, omitted: omitted)
        }
    }
}

extension Option {
    /// The problem of a text that this option cannot take.
    public func problem(_ found: String, key: String, at source: Source) -> ConfigurationProblem {
        let hint = nearest(found).map { "did you mean \($0)? " } ?? ""
        return .value(found, of: key, allowed: allowed, hint: hint, at: source)
    }

    /// The environment variable that sets the option: `EPSIM_MODEL_LAYERS` for `model.layers`.
    public var environmentName: String {
        "EPSIM_" + key.uppercased().replacing(".", with: "_")
    }
}
