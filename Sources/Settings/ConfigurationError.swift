public import Basics

/// The reasons for which a configuration or the model catalogue cannot be used: every problem that was found.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// The first problems, at most 20.
    public let problems: [ConfigurationProblem]
    /// How many more there are.
    public let omitted: Int

    /// An error with its problems.
    public init(problems: [ConfigurationProblem], omitted: Int = 0) {
        self.problems = problems
        self.omitted = omitted
    }

    /// An error with one problem.
    public init(_ problem: ConfigurationProblem) {
        self.init(problems: [problem])
    }

    /// One line for each problem.
    public var description: String {
        let lines = problems.map(\.description)
        return (omitted == 0 ? lines : lines + ["and \(omitted) more"]).joined(separator: "\n")
    }
}

/// One thing that is wrong with a configuration.
public struct ConfigurationProblem: Equatable, Sendable, CustomStringConvertible {
    /// `file:line:column`, or the environment variable or flag; the bare file name when the whole file is meant.
    public let location: String
    /// The dotted key, or nil when no single key is meant.
    public let key: String?
    /// What was found and what is allowed.
    public let message: String

    /// A problem at a place.
    public init(location: String, key: String? = nil, message: String) {
        self.location = location
        self.key = key
        self.message = message
    }

    /// `location: key: message`.
    public var description: String {
        key.map { "\(location): \($0): \(message)" } ?? "\(location): \(message)"
    }

    /// The sentence for a value that a setting cannot take.
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

/// Problems in the order in which they were found. It keeps a bounded number and counts the others, so that a file
/// full of errors costs neither memory nor a screen.
public struct ProblemList: Equatable, Sendable {
    /// Problems that are kept.
    public static let limit = 20

    /// The first of them.
    public private(set) var kept: [ConfigurationProblem] = []
    /// How many more there are.
    public private(set) var omitted = 0

    /// No problems.
    public init() {}

    /// True when nothing was found.
    public var isEmpty: Bool { kept.isEmpty }

    /// Add a problem; past the limit its text is not even made.
    public mutating func add(_ problem: @autoclosure () -> ConfigurationProblem) {
        if kept.count < Self.limit {
            kept.append(problem())
        } else {
            omitted += 1
        }
    }

    /// Add those of another list.
    public mutating func add(_ others: ProblemList) {
        for problem in others.kept {
            add(problem)
        }
        omitted += others.omitted
    }

    /// Throw everything that was found, if anything was.
    public func throwIfAny() throws(ConfigurationError) {
        if !isEmpty {
            throw ConfigurationError(problems: kept, omitted: omitted)
        }
    }
}

extension Option {
    /// The sentence for a text that this option cannot take.
    public func problem(_ found: String, key: String, at source: Source) -> ConfigurationProblem {
        let hint = nearest(found).map { "did you mean \($0)? " } ?? ""
        return .value(found, of: key, allowed: allowed, hint: hint, at: source)
    }

    /// The environment variable that sets it: `EPSIM_MODEL_LAYERS` for `model.layers`.
    public var environmentName: String {
        "EPSIM_" + key.uppercased().replacing(".", with: "_")
    }
}
