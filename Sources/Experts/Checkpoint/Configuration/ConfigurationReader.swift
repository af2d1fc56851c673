import Basics
internal import MoE

/// A reader of values of known type in the JSON of a `config.json`.
///
/// A key is looked for at the top level, then under `text_config` (Llama-4), then under `ffn_config` (DBRX). Null is as
/// good as absent, but for ``isNull(_:)``. Of several keys, the first that is there counts.
struct ConfigurationReader {
    let path: String
    private let scopes: [[String: JSONValue]]

    init(_ json: JSONValue, path: String) throws(CheckpointError) {
        guard case .members(let top) = json else {
            throw CheckpointError(path: path, message: "is \(json.shown); an object is needed")
        }
        var scopes = [top]
        for key in ["text_config", "ffn_config"] {
            if case .members(let nested) = top[key] { scopes.append(nested) }
        }
        self.path = path
        self.scopes = scopes
    }

    /// Read the value of a router option by the option's checkpoint keys, and set it in `options`.
    func read(_ row: RouterOption, _ options: inout RouterOptions) throws(CheckpointError) {
        guard !row.checkpointKeys.isEmpty else { return }
        switch row.kind {
        case .integer: row.set(try integer(row.checkpointKeys, minimum: 1), &options)
        case .number: row.set(try number(row.checkpointKeys), &options)
        case .flag: row.set(try flag(row.checkpointKeys), &options)
        case .word: break
        }
    }

    /// The whole number under the keys, at least `minimum`, or nil where none is there.
    func integer(_ keys: String..., minimum: Int = 1) throws(CheckpointError) -> Int? {
        try integer(keys, minimum: minimum)
    }

    private func integer(_ keys: [String], minimum: Int) throws(CheckpointError) -> Int? {
        guard let (key, value) = first(keys) else { return nil }
        guard case .integer(let integer) = value, integer >= minimum else {
            throw failure(key, value, "a whole number of at least \(minimum)")
        }
        return integer
    }

    /// The number under the keys, within a range, or nil where none is there.
    func number(
        _ keys: String...,
        in range: ClosedRange<Double> = 0...Double.greatestFiniteMagnitude
    ) throws(CheckpointError) -> Double? {
        try number(keys, in: range)
    }

    private func number(
        _ keys: [String],
        in range: ClosedRange<Double> = 0...Double.greatestFiniteMagnitude
    ) throws(CheckpointError) -> Double? {
        guard let (key, value) = first(keys) else { return nil }
        guard let number = value.number, range.contains(number) else {
            let bounds = range.upperBound < 1e300 ? "from \(range.lowerBound) to \(range.upperBound)" : "that is finite"
            let sign = range.lowerBound == 0 && range.upperBound > 1e300 ? " and not negative" : ""
            throw failure(key, value, "a number \(bounds)\(sign)")
        }
        return number
    }

    /// The truth value under the keys, or nil where none is there.
    func flag(_ keys: String...) throws(CheckpointError) -> Bool? { try flag(keys) }

    private func flag(_ keys: [String]) throws(CheckpointError) -> Bool? {
        guard let (key, value) = first(keys) else { return nil }
        guard case .bool(let flag) = value else { throw failure(key, value, "true or false") }
        return flag
    }

    /// The string under the keys, or the `name` of an object that has one (as in DBRX's `ffn_act_fn`).
    func string(_ keys: String...) throws(CheckpointError) -> String? {
        guard let (key, value) = first(keys) else { return nil }
        if case .text(let string) = value { return string }
        if case .members(let object) = value, case .text(let name) = object["name"] { return name }
        throw failure(key, value, "a string")
    }

    /// True when the key is null at the first level that has it: the top level, `text_config` or `ffn_config`.
    func isNull(_ key: String) -> Bool {
        scopes.lazy.compactMap { $0[key] }.first == .null
    }

    private func first(_ keys: [String]) -> (key: String, value: JSONValue)? {
        for scope in scopes {
            for key in keys {
                if let value = scope[key], value != .null { return (key, value) }
            }
        }
        return nil
    }

    private func failure(_ key: String, _ value: JSONValue, _ allowed: String) -> CheckpointError {
        CheckpointError(path: path, message: "\(Quoted.text(key)) is \(value.shown); \(allowed) is needed")
    }
}
