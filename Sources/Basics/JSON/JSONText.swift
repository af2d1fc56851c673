public import FoundationEssentials

/// Functions that write and read JSON as text, in one form throughout the program.
public enum JSONText {
    /// The form of the keys of objects in a JSON text.
    public enum Keys: Sendable {
        /// In snake case, whatever their form in Swift.
        case inSnakeCase
        /// In their form in Swift.
        case asTheyAre
    }

    /// The text of a value: keys sorted, two spaces of indentation, a line feed at the end.
    ///
    /// - Parameter what: the name of the value in an error.
    /// - Throws: ``JSONError`` when a number is infinite or not a number.
    public static func of(
        _ value: some Encodable,
        keys: Keys = .inSnakeCase,
        called what: String = "this"
    ) throws(JSONError) -> String {
        try text(value, keys, [.prettyPrinted], what) + "\n"
    }

    /// The text of a value on one line, without spaces and line feed; keys sorted and in their form in Swift.
    ///
    /// - Throws: ``JSONError`` when a number is infinite or not a number.
    public static func line(_ value: some Encodable, called what: String = "this") throws(JSONError) -> String {
        try text(value, .asTheyAre, [], what)
    }

    /// Read a value from data that hold it and nothing else.
    ///
    /// - Parameter isLoose: true to allow NaN and Infinity, as Python writes them; comments, commas before a closing
    ///   bracket and the like are no JSON all the same.
    /// - Throws: ``JSONError`` with the fault and its place; also for a key that an object has twice, and for a text that
    ///   is not UTF-8, which decoders may read and the search for such keys does not.
    public static func decode<Value: Decodable>(
        _ type: Value.Type = Value.self,
        from json: Data,
        keys: Keys = .inSnakeCase,
        isLoose: Bool = false
    ) throws(JSONError) -> Value {
        if let fault = TextEncoding.fault(json) { throw JSONError(fault: fault) }
        let decoder = JSONDecoder()
        if keys == .inSnakeCase { decoder.keyDecodingStrategy = .convertFromSnakeCase }
        let value: Value
        do {
            // The decoder takes NaN as a part of JSON5 only, which has much that Python does not take.
            let plain = isLoose ? LooseJSON.plain(json) : nil
            decoder.allowsJSON5 = try plain.map { _ = try JSONDecoder().decode(JSONValue.self, from: $0) } != nil
            value = try decoder.decode(type, from: json)
        } catch {
            throw JSONError(error, keys: keys)
        }
        if LooseJSON.hasTrailingComma(json) { throw JSONError.trailingComma }
        if let key = RepeatedKey.first(in: json) { throw JSONError(repeated: key) }
        return value
    }

    /// Read a value from a text that holds it and nothing else.
    ///
    /// - Throws: ``JSONError`` with the fault and its place.
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

/// The fault of a text that should be JSON of some form, or of a value that should become JSON.
public struct JSONError: DescribedError, Equatable {
    /// The fault in words: when reading, the end of a sentence that begins with the name of the text, for example
    /// `holds something else than a list at "layer 1".shape[0]`; when writing, the whole sentence.
    public let description: String

    /// The fault of a text that is JSON but for a comma.
    static let trailingComma = JSONError(fault: "is not valid JSON: a comma stands in front of a closing bracket")

    /// Create a fault that is told in words.
    init(fault: String) { description = fault }

    /// Create the fault of a key that an object has twice.
    init(repeated key: String) { description = "holds the key \(Quoted.text(key)) twice in one object" }

    /// Create the fault for an error of an encoder.
    init(writing what: String, _ error: any Error) {
        guard case EncodingError.invalidValue(let value, let context) = error else {
            description = "\(what) cannot be written as JSON: \(error)"
            return
        }
        description = "\(what) cannot be written as JSON: \(value) at \(Self.place(context.codingPath))"
    }

    /// Create the fault for an error of a decoder.
    ///
    /// - Parameter keys: the form of the keys in the text, in which they are named.
    public init(_ error: any Error, keys: JSONText.Keys = .asTheyAre) {
        func place(_ path: [any CodingKey]) -> String { Self.place(path, keys) }
        description =
            switch error {
            case DecodingError.keyNotFound(let key, let context):
                "has no \(place(context.codingPath + [key]))"
            case DecodingError.typeMismatch(let type, let context):
                "holds something else than \(Self.name(of: type)) at \(place(context.codingPath))"
            case DecodingError.valueNotFound(let type, let context):
                "holds null instead of \(Self.name(of: type)) at \(place(context.codingPath))"
            // The decoder does not tell a broken text from a number that has no place in its type, nor where it stands.
            case DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty:
                "is not valid JSON, or holds a number that is out of range or not whole"
            case DecodingError.dataCorrupted(let context):
                "holds what cannot be at \(place(context.codingPath)): \(context.debugDescription)"
            default: "cannot be read: \(error)"
            }
    }

    private static func place(_ path: [any CodingKey], _ keys: JSONText.Keys = .asTheyAre) -> String {
        guard !path.isEmpty else { return "the top level" }
        return path.enumerated().map { index, key in
            if let number = key.intValue { return "[\(number)]" }
            let name = keys == .inSnakeCase ? snakeCase(key.stringValue) : key.stringValue
            let isPlain = name.utf8.allSatisfy { $0 < 0x80 && isWord(Unicode.Scalar($0)) }
            return (index == 0 ? "" : ".") + (isPlain ? name : Quoted.text(name))
        }.joined()
    }

    /// The name of a Swift property as a key of JSON: `schema_version` of `schemaVersion`; any other text as it is.
    private static func snakeCase(_ name: String) -> String {
        guard name.first?.isLowercase == true, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) else {
            return name
        }
        return name.reduce(into: "") { text, letter in
            if letter.isUppercase, !text.isEmpty { text += "_" }
            text += letter.lowercased()
        }
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is any BinaryInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is any RangeReplaceableCollection.Type: "a list"
        default: "an object"
        }
    }
}
