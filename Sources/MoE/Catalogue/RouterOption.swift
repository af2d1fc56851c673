public import Basics

/// A row of the table of router options: the option, the routers that read it, and the parts of a rule that it changes.
///
/// Configurations, presets, checkpoint readers, the reference and the tables of the documentation read these rows.
public struct RouterOption: Sendable {
    /// The option: its name, property, allowed values and meaning.
    public let option: Option<RouterOptions>
    /// The condition under which the option applies to a router that reads it, or nil for always.
    public let condition: Condition<RouterChoice>?
    /// The keys of a checkpoint's `config.json` that hold exactly this option's value; of several keys, the first that
    /// is present counts.
    public let checkpointKeys: [String]
    /// Whether only training reads the value: then it is read for every class of models, and null leaves it out.
    public let isOfTraining: Bool
    /// What null under the keys says; nil where it is no value.
    public let readNull: (@Sendable (inout RouterOptions) -> Void)?
    /// The numbers that a checkpoint may have, where they are others than the option's own.
    public let checkpointRange: ClosedRange<Double>?
    /// The JSON type of the value.
    public let kind: Kind
    /// The function that gives the option a value of its kind, or, for nil, leaves the option out.
    public let set: @Sendable ((any Sendable)?, inout RouterOptions) -> Void
    /// The function that returns the text of the value that a rule has, whoever gave it, or nil where the rule has none,
    /// as a threshold without a policy that reads it; nil for options that are no part of a rule.
    public let used: (@Sendable (TopKRule) -> String?)?
    /// The routers that read the option although their catalogue entries do not name it.
    public let readers: Readers
    /// The part of a rule that this option and the ones after it change, for headers; nil where an earlier row names
    /// the same part.
    let aspect: Aspect?
    /// The function that changes a rule by this option alone; it does nothing when the option is not given.
    let change: @Sendable (inout TopKRule, RouterOptions) -> Void
    /// The function that changes a rule by this option together with others; it does nothing when this option is not
    /// given.
    let settle: @Sendable (inout TopKRule, RouterOptions) -> Void

    /// The JSON type of an option's value.
    public enum Kind: Sendable {
        /// A whole number.
        case integer
        /// Any number.
        case number
        /// True or false.
        case flag
        /// A name.
        case word
    }

    /// The routers that read an option: all of a kind, or those whose catalogue entry names it.
    public enum Readers: Sendable {
        /// Routers that are a ``TopKRule``.
        case rules
        /// Routers that are a ``TopKRule``, and others whose experts have queues.
        case queues
        /// Only routers that name the option in their entry of the catalogue.
        case named
    }

    /// A part of a rule with its value in words, for headers that say what a run changes.
    struct Aspect: Sendable {
        let name: String
        let words: @Sendable (TopKRule) -> String

        init(_ name: String, _ words: @escaping @Sendable (TopKRule) -> String) {
            self.name = name
            self.words = words
        }
    }

    /// Create the row of one option.
    ///
    /// - Parameters:
    ///   - isRequired: true where it has to be given wherever it applies.
    ///   - used: its value in a rule.
    ///   - change: what its value changes, in the order of the table.
    ///   - settle: what it changes together with other options, afterwards; it may run once for each of them.
    init<Value>(
        _ name: String,
        _ path: any WritableKeyPath<RouterOptions, Value?> & Sendable,
        _ rule: ValueRule<Value>,
        _ help: String,
        absence: String = "as router.kind has it",
        readBy readers: Readers = .rules,
        when condition: Condition<RouterChoice>? = nil,
        required isRequired: Bool = false,
        checkpoint checkpointKeys: [String] = [],
        ofTraining isOfTraining: Bool = false,
        checkpointRange: ClosedRange<Double>? = nil,
        null readNull: (@Sendable (inout RouterOptions) -> Void)? = nil,
        shown aspect: Aspect? = nil,
        used: (@Sendable (TopKRule) -> Value?)? = nil,
        change: @escaping @Sendable (inout TopKRule, Value) -> Void = { _, _ in },
        settle: @escaping @Sendable (inout TopKRule, RouterOptions) -> Void = { _, _ in }
    ) {
        option = Option(optional: name, path, rule, help, absence: isRequired ? nil : absence, required: isRequired)
        self.condition = condition
        self.checkpointKeys = checkpointKeys
        self.isOfTraining = isOfTraining
        self.checkpointRange = checkpointRange
        self.readNull = readNull ?? (isOfTraining ? { @Sendable _ in } : nil)
        kind =
            Value.self == Int.self
            ? .integer : Value.self == Double.self ? .number : Value.self == Bool.self ? .flag : .word
        set = { $1[keyPath: path] = $0 as? Value }
        if let used { self.used = { used($0).map(rule.text) } } else { self.used = nil }
        self.readers = readers
        self.aspect = aspect
        self.change = { rule, options in
            if let value = options[keyPath: path] { change(&rule, value) }
        }
        self.settle = { rule, options in
            if options[keyPath: path] != nil { settle(&rule, options) }
        }
    }

    /// The condition under which the option applies at all: the router that runs reads it.
    public var isRead: Condition<RouterChoice> {
        let names = RouterCatalogue.entries.filter { $0.reads(self) }.map(\.name)
        let words = names.count > 5 ? "router.kind reads it" : "router.kind is \(WordList.alternatives(names))"
        return Condition("kind", words) { $0.entry?.reads(self) == true }
    }
}

/// A router by its name, with the options that a run sets: the subject that conditions of router options test.
///
/// The keys of such conditions are the names of options, and `kind`.
public struct RouterChoice: Sendable {
    /// The entry of the catalogue, or nil when there is none of that name.
    let entry: RouterCatalogue.Entry?
    let options: RouterOptions

    /// The choice of the router called `name`.
    public init(named name: String, options: RouterOptions) {
        entry = RouterCatalogue.entry(named: name)
        self.options = options
    }
}

extension Condition<RouterChoice> {
    /// The condition that copies are dropped; it also holds for a router that has a capacity but no option to drop.
    static let drops = Condition(["kind", "drop"], "copies are dropped (router.drop)") { choice in
        guard choice.entry?.reads(\.drop) == true else { return nil }
        if let drop = choice.options.drop { return drop == .none ? "drop" : nil }
        return choice.entry?.rule?.capacity == nil ? "kind" : nil
    }

    /// The condition that tokens compete for places in groups of a given size.
    static let hasContestGroups = drops.and(
        Condition("capacity_scope", "router.capacity_scope is groups") { $0.options.capacityScope == .groups }
    )

    static let trains = Condition("training", "router.training is true") { $0.options.training ?? true }

    /// The condition that the option `jitter` applies: always for SparseMixer, where it is a distance, else in training
    /// only.
    static let jitters = Condition(["kind", "training"], "router.training is true") { choice in
        choice.entry?.rule != nil && choice.options.training == false ? "training" : nil
    }

    static let divides = Condition(["kind", "normalize"], "weights are divided (router.normalize)") { choice in
        if let normalize = choice.options.normalize { return normalize ? nil : "normalize" }
        return choice.entry?.rule?.normalization == nil ? "kind" : nil
    }

    static let hasThreshold = Condition(["kind", "further"], "router.further has a threshold") { choice in
        if let policy = choice.options.further { return policy.hasThreshold ? nil : "further" }
        return choice.entry?.rule?.further.threshold == nil ? "kind" : nil
    }

    static let hasDevices = Condition(
        ["kind", "device_factor", "device_loss", "communication_loss"],
        "there is a device_factor, device_loss or communication_loss"
    ) { choice in
        let options = choice.options
        let isAsked = options.deviceFactor != nil || options.deviceLoss != nil || options.communicationLoss != nil
        return isAsked || choice.entry?.rule?.hasDevices == true ? nil : "kind"
    }

    static let hasBias = Condition(["kind", "bias_rate"], "there is a selection bias (router.bias_rate)") { choice in
        choice.options.biasRate != nil || choice.entry?.rule?.bias != nil ? nil : "kind"
    }

    static let biasLearns = trains.and(
        Condition(["kind", "bias_rate"], "router.bias_rate is above 0") { choice in
            if let rate = choice.options.biasRate { return rate > 0 ? nil : "bias_rate" }
            return choice.entry?.rule?.bias?.rate ?? 0 > 0 ? nil : "kind"
        }
    )
}
