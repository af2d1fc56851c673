import Basics
internal import MoE

/// A reader of values of known type in the JSON of a `config.json`.
///
/// A key is looked for in the scopes of the reader, then among the defaults of the model's configuration class. Of
/// several keys, the first that is there counts; counts of one thing that differ are an error. Null takes the place of the class's default, as in Python, and is an
/// error where the class takes none.
struct ConfigurationReader {
    let path: String
    /// The keys under which composite models have the configuration of their language model.
    ///
    /// Sources: transformers (`text_config`), InternVL (`llm_config`), DeepSeek-VL2 (`language_config`).
    static let languageModelKeys = ["text_config", "llm_config", "language_config"]

    private let scopes: [[String: JSONValue]]
    private let defaults: ClassDefaults?
    /// The keys that the file leaves out and the class has, each with its value, in the order of reading.
    private(set) var assumed: [(key: String, value: JSONValue)] = []
    /// The router's keys that the file has and the class has not, with their values.
    private(set) var unread: [String: JSONValue] = [:]
    /// The members that stand beside the language model's own, and the name of the object that holds those.
    private var beside: (scope: String, members: [String: JSONValue])?

    private static let notNegative = 0...Double.greatestFiniteMagnitude

    /// Create a reader of an object: a key is looked for at its top level, then in the configuration of a composite
    /// model's language model (that of the thinker in Qwen-Omni), then under `ffn_config` (DBRX).
    init(_ json: JSONValue, path: String) throws(CheckpointError) {
        let top = try Self.members(json, path)
        var scopes = [top]
        var around = top
        if case .members(let thinker) = top["thinker_config"] { around = thinker }
        for key in Self.languageModelKeys + ["ffn_config"] {
            if case .members(let nested) = around[key] { scopes.append(nested) }
        }
        self.path = path
        self.scopes = scopes
        defaults = nil
    }

    /// Create a reader of what the language model of a `config.json` is made of: in a composite model the object that
    /// belongs to it, and nothing beside that (transformers, `models/*/configuration_*.py`).
    init(languageModel json: JSONValue, path: String, defaults: ClassDefaults?) throws(CheckpointError) {
        let top = try Self.members(json, path)
        var model = top
        if let (key, members) = try Self.languageModel(in: top, path) {
            beside = (key, top)
            model = members
        }
        // DBRX has the keys of its experts in an object of their own.
        if defaults == nil || defaults == .dbrx, let ffn = try Self.object("ffn_config", in: model, path) {
            func isOfExperts(_ key: String) -> Bool { key.hasPrefix("moe_") || key.hasPrefix("ffn_") }
            beside = ("ffn_config", model.filter { isOfExperts($0.key) })
            model = model.filter { !isOfExperts($0.key) }.merging(ffn.filter { isOfExperts($0.key) }) { $1 }
        }
        model["model_type"] = model["model_type"] ?? top["model_type"]
        self.path = path
        scopes = [model]
        self.defaults = defaults
    }

    private static func members(_ json: JSONValue, _ path: String) throws(CheckpointError) -> [String: JSONValue] {
        guard case .members(let top) = json else {
            throw CheckpointError(path: path, message: "is \(json.shown); an object is needed")
        }
        return top
    }

    /// The object under a key; nil where there is none, or null.
    private static func object(
        _ key: String,
        in members: [String: JSONValue],
        _ path: String
    ) throws(CheckpointError) -> [String: JSONValue]? {
        switch members[key] {
        case nil, .null: return nil
        case .members(let object): return object
        case .some(let value): throw failure(path, key, value, "an object")
        }
    }

    /// The object of the language model in a composite model; nil in any other.
    private static func languageModel(
        in top: [String: JSONValue],
        _ path: String
    ) throws(CheckpointError) -> (key: String, members: [String: JSONValue])? {
        var isComposite: Bool?
        if case .text(let type) = top["model_type"] {
            let families = CheckpointFamily.of(modelType: type)
            if !families.isEmpty { isComposite = families.contains { $0.isComposite(type) } }
        }
        guard isComposite != false else { return nil }
        let thinker = try object("thinker_config", in: top, path)
        for key in languageModelKeys {
            guard let found = try object(key, in: thinker ?? top, path) else { continue }
            return ((thinker == nil ? "" : "thinker_config.") + key, found)
        }
        return isComposite == true ? (languageModelKeys[0], [:]) : nil
    }

    /// The keys of the model that stand beside the language model's own with another value, a sentence; nil where there
    /// are none.
    var besideNote: String? {
        guard let beside else { return nil }
        let router = RouterOptions.rows.flatMap(\.checkpointKeys)
        let keys = defaults.map { Set($0.values.keys) } ?? Set(router)
        let others = keys.sorted().compactMap { key -> String? in
            guard let value = beside.members[key], value != .null else { return nil }
            let names = defaults?.names(of: key) ?? [key]
            let own = names.lazy.compactMap { scopes[0][$0] }.first
            guard value != own ?? defaults?.values[key] else { return nil }
            let has = own.map { "\(beside.scope) has \($0.shown)" }
            let assumed = defaults.flatMap { row in row.values[key].map { "\(row.className) has \($0.shown)" } }
            return "\(key) \(value.shown)" + ((has ?? assumed).map { " (\($0))" } ?? "")
        }
        guard !others.isEmpty else { return nil }
        return "config.json has keys outside of \(beside.scope), which are not read there: \(WordList.all(others))"
    }

    /// Read the value of a router option by the option's checkpoint keys, and set it in `options`.
    ///
    /// A class reads only keys that it has; what only training reads, losses and noise, is read for every class.
    mutating func read(_ row: RouterOption, _ options: inout RouterOptions) throws(CheckpointError) {
        let known = defaults.map { defaults in row.checkpointKeys.filter { defaults.values[$0] != nil } }
        let keys = row.isOfTraining ? row.checkpointKeys : known ?? row.checkpointKeys
        if !row.isOfTraining, defaults != nil {
            for key in row.checkpointKeys where !keys.contains(key) {
                if let (key, value) = given([key]) { unread[key] = value }
            }
        }
        guard !keys.isEmpty else { return }
        if let readNull = row.readNull, given(keys) == nil, keys.contains(where: isNull) {
            row.set(nil, &options)
            return readNull(&options)
        }
        switch row.kind {
        case .integer:
            try checkAgree(keys)
            row.set(try integer(keys, minimum: 1), &options)
        case .number: row.set(try number(keys, in: row.checkpointRange ?? Self.notNegative), &options)
        case .flag: row.set(try flag(keys), &options)
        case .word: break
        }
        guard row.checkpointRange == nil, !row.option.isAllowed(options), let (key, value) = given(keys) else { return }
        throw failure(key, value, row.option.allowed)
    }

    /// The whole number under the keys, at least `minimum`, or nil where none is there; sizes follow from tensors, not
    /// from defaults. Null is an error where the class has a number.
    func size(_ keys: [String], minimum: Int = 1) throws(CheckpointError) -> Int? {
        if let null = keys.first(where: { isNull($0) && defaults?.integer($0) != nil }) {
            throw failure(null, .null, "a whole number of at least \(minimum)")
        }
        guard let (key, value) = given(keys) else { return nil }
        return try integer(key, value, minimum: minimum)
    }

    /// Check that all of the keys that stand in one object have the same number: they are names of one count.
    func checkAgree(_ keys: [String]) throws(CheckpointError) {
        for scope in scopes {
            let held = keys.compactMap { key in Self.count(scope[key]).map { (key, $0) } }
            guard let first = held.first, let other = held.first(where: { $0.1 != first.1 }) else { continue }
            let found = "\(Quoted.text(first.0)) is \(first.1) and \(Quoted.text(other.0)) is \(other.1)"
            throw CheckpointError(path: path, message: "\(found), which are names of one number; allowed is one value")
        }
    }

    /// A count, or the first of a list of counts.
    private static func count(_ value: JSONValue?) -> Int? {
        switch value {
        case .integer(let integer): integer
        case .list(let values): values.first.flatMap { count($0) }
        default: nil
        }
    }

    /// The whole number under the keys, at least `minimum`, or nil where none is there.
    mutating func integer(_ keys: String..., minimum: Int = 1) throws(CheckpointError) -> Int? {
        try integer(keys, minimum: minimum)
    }

    private mutating func integer(_ keys: [String], minimum: Int) throws(CheckpointError) -> Int? {
        guard let (key, value) = try first(keys, "a whole number") else { return nil }
        return try integer(key, value, minimum: minimum)
    }

    private func integer(_ key: String, _ value: JSONValue, minimum: Int) throws(CheckpointError) -> Int {
        // Hunyuan has a list with a number for each layer.
        if case .list(let values) = value, let first = values.first, case .integer = first {
            guard values.allSatisfy({ $0 == first }) else {
                throw failure(key, value, "a whole number, or a list of equal ones,")
            }
            return try integer(key, first, minimum: minimum)
        }
        guard case .integer(let integer) = value, integer >= minimum else {
            throw failure(key, value, "a whole number of at least \(minimum)")
        }
        return integer
    }

    /// The number under the keys, within a range, or nil where none is there.
    mutating func number(
        _ keys: String...,
        in range: ClosedRange<Double> = notNegative
    ) throws(CheckpointError) -> Double? {
        try number(keys, in: range)
    }

    private mutating func number(
        _ keys: [String],
        in range: ClosedRange<Double>
    ) throws(CheckpointError) -> Double? {
        guard let (key, value) = try first(keys, "a number") else { return nil }
        guard let number = value.number, range.contains(number) else {
            throw failure(key, value, Self.words(range))
        }
        return number
    }

    /// A range of numbers in words; one without an upper bound ends at the largest number there is.
    private static func words(_ range: ClosedRange<Double>) -> String {
        let (low, high) = (range.lowerBound, range.upperBound)
        let isAboveZero = low == Double.leastNormalMagnitude
        guard high == Double.greatestFiniteMagnitude else {
            return isAboveZero ? "a number above 0 and at most \(high)" : "a number from \(low) to \(high)"
        }
        if isAboveZero { return "a number that is finite and above 0" }
        if low == 0 { return "a number that is finite and not negative" }
        return low == -high ? "a number that is finite" : "a number that is finite and at least \(low)"
    }

    /// The truth value under the keys, or nil where none is there; null is false where the class takes it.
    mutating func flag(_ keys: String...) throws(CheckpointError) -> Bool? { try flag(keys) }

    private mutating func flag(_ keys: [String]) throws(CheckpointError) -> Bool? {
        if given(keys) == nil, keys.contains(where: { isNull($0) && defaults?.nullable.contains($0) == true }) {
            return false
        }
        guard let (key, value) = try first(keys, "true or false") else { return nil }
        guard case .bool(let flag) = value else { throw failure(key, value, "true or false") }
        return flag
    }

    /// The string under the keys, or the `name` of an object that has one (as in DBRX's `ffn_act_fn`).
    mutating func string(_ keys: String...) throws(CheckpointError) -> String? {
        guard let (key, value) = try first(keys, "a string") else { return nil }
        if case .text(let string) = value { return string }
        if case .members(let object) = value, case .text(let name) = object["name"] { return name }
        throw failure(key, value, "a string")
    }

    /// The strings in the list under a key; empty where there is none.
    func strings(_ key: String) throws(CheckpointError) -> [String] {
        guard let (key, value) = given([key]) else { return [] }
        guard case .list(let values) = value else { throw failure(key, value, "a list of strings") }
        var strings: [String] = []
        for value in values {
            guard case .text(let string) = value else { throw failure(key, value, "a list of strings") }
            strings.append(string)
        }
        return strings
    }

    /// A reader of the object under a key, or nil where there is none.
    func object(_ key: String) throws(CheckpointError) -> ConfigurationReader? {
        guard let (key, value) = given([key]) else { return nil }
        guard case .members = value else { throw failure(key, value, "an object") }
        return try ConfigurationReader(value, path: path)
    }

    /// The value under a key as it stands, or nil where there is none.
    func value(_ key: String) -> JSONValue? { given([key])?.value }

    /// Whether the model's class has a key; true where its keys are not known.
    func knows(_ key: String) -> Bool { defaults.map { $0.values[key] != nil } ?? true }

    /// Keys of one thing, without those that the model's class has for another thing: all but the first that it has.
    func onlyFirst(known keys: [String]) -> [String] {
        let known = keys.filter { defaults?.values[$0] != nil }
        return keys.filter { !known.dropFirst().contains($0) }
    }

    /// The names of all keys of the outermost object, sorted.
    var keys: [String] { scopes[0].keys.sorted() }

    /// True when the key is null in the first scope that has it.
    func isNull(_ key: String) -> Bool {
        scopes.lazy.compactMap { $0[key] }.first == .null
    }

    /// The value that the file has under the first of the keys that is there.
    private func given(_ keys: [String]) -> (key: String, value: JSONValue)? {
        for scope in scopes {
            for key in keys {
                if let value = scope[key], value != .null { return (key, value) }
            }
        }
        return nil
    }

    /// The value of the file, or else the class's.
    private mutating func first(
        _ keys: [String],
        _ allowed: String
    ) throws(CheckpointError) -> (key: String, value: JSONValue)? {
        if let given = given(keys) { return given }
        let known = keys.lazy.compactMap { [defaults] key in defaults?.values[key].map { (key, $0) } }
        guard let (key, value) = known.first(where: { $0.1 != .null }) else { return nil }
        if let null = keys.first(where: isNull) { throw failure(null, .null, allowed) }
        assumed.append((key, value))
        return (key, value)
    }

    /// The error for a value that is not of the kind that its key needs.
    func failure(_ key: String, _ value: JSONValue, _ allowed: String) -> CheckpointError {
        Self.failure(path, key, value, allowed)
    }

    private static func failure(
        _ path: String,
        _ key: String,
        _ value: JSONValue,
        _ allowed: String
    ) -> CheckpointError {
        CheckpointError(path: path, message: "\(Quoted.text(key)) is \(value.shown); \(allowed) is needed")
    }
}

extension ConfigurationReader {
    /// The truth values under some keys of the language model in the `config.json` beside a checkpoint, of those that it
    /// has; nil where there is no such file.
    static func flags(_ keys: Set<String>, beside checkpoint: String) throws(CheckpointError) -> [String: Bool]? {
        guard let (json, path) = try JSONFile.beside(checkpoint, named: JSONFile.configurationName) else { return nil }
        var reader = try Self(languageModel: JSONFile.decode(json, path: path), path: path, defaults: nil)
        var flags: [String: Bool] = [:]
        for key in keys.sorted() { flags[key] = try reader.flag(key) }
        return flags
    }
}
