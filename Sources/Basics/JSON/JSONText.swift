public import FoundationEssentials

/// JSON as text, all in one form.
public enum JSONText {
    /// How keys stand in a text.
    public enum Keys: Sendable {
        /// In snake case, whatever they are in Swift.
        case inSnakeCase
        /// As they are in Swift.
        case asTheyAre
    }

    /// Keys sorted, two spaces of indentation, a line feed at the end.
    ///
    /// - Parameter what: what it is, for an error.
    /// - Throws: ``JSONError`` when a number is infinite or not a number.
    public static func of(
        _ value: some Encodable,
        keys: Keys = .inSnakeCase,
        called what: String = "this"
    ) throws(JSONError) -> String {
        try text(value, keys, [.prettyPrinted], what) + "\n"
    }

    /// One line without blanks and without an end, keys sorted and as they are.
    ///
    /// - Throws: ``JSONError`` when a number is infinite or not a number.
    public static func line(_ value: some Encodable, called what: String = "this") throws(JSONError) -> String {
        try text(value, .asTheyAre, [], what)
    }

    /// Reads a text that is one value and nothing else.
    ///
    /// - Parameter isLoose: true to read what Python writes, too: NaN and Infinity.
    /// - Throws: ``JSONError`` that says what is wrong, and where.
    public static func decode<Value: Decodable>(
        _ type: Value.Type = Value.self,
        from json: Data,
        keys: Keys = .inSnakeCase,
        isLoose: Bool = false
    ) throws(JSONError) -> Value {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = isLoose
        if keys == .inSnakeCase { decoder.keyDecodingStrategy = .convertFromSnakeCase }
        do {
            return try decoder.decode(type, from: json)
        } catch {
            throw JSONError(error)
        }
    }

    /// Reads a text that is one value and nothing else.
    ///
    /// - Throws: ``JSONError`` that says what is wrong, and where.
    public static func decode<Value: Decodable>(
        _ type: Value.Type = Value.self,
        from json: String,
        keys: Keys = .inSnakeCase
    ) throws(JSONError) -> Value {
        try decode(type, from: Data(json.utf8), keys: keys)
    }

    private static func text(
        _ value: some Encodable,
        _ keys: Keys,
        _ formatting: JSONEncoder.OutputFormatting,
        _ what: String
    ) throws(JSONError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
        if keys == .inSnakeCase { encoder.keyEncodingStrategy = .convertToSnakeCase }
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw JSONError(writing: what, error)
        }
    }
}
