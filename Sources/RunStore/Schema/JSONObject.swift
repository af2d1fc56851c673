import Basics

/// An object of a JSON text whose values are read by their paths.
///
/// Objects within it are opened once, and values that no column has are not read.
final class JSONObject {
    private let container: KeyedDecodingContainer<JSONKey>
    private var objects: [String: JSONObject?] = [:]

    init(_ container: KeyedDecodingContainer<JSONKey>) {
        self.container = container
    }

    /// The values of columns, in their order.
    ///
    /// - Throws: when a value is of another type, or a required one is missing.
    func row(_ columns: [IndexColumn]) throws -> [IndexValue] {
        try columns.map { column in
            let value = try value(at: column.path[...], as: column.kind, separator: column.separator)
            guard value != .null || !column.isRequired else {
                throw RunStoreError("no report: \(column.path.joined(separator: ".")) is missing")
            }
            return value
        }
    }

    /// The value at a path, or null where there is none.
    func value(at path: ArraySlice<String>, as kind: IndexColumn.Kind, separator: String?) throws -> IndexValue {
        guard let key = path.first else { return .null }
        guard path.count == 1 else {
            return try object(key, path.dropFirst().first)?.value(
                at: path.dropFirst(Int(path[path.startIndex + 1]) == nil ? 1 : 2),
                as: kind,
                separator: separator
            ) ?? .null
        }
        let last = JSONKey(stringValue: key)
        guard try container.contains(last) && !container.decodeNil(forKey: last) else { return .null }
        if let separator {
            return .text(try container.decode([String].self, forKey: last).joined(separator: separator))
        }
        switch kind {
        case .text: return .text(try container.decode(String.self, forKey: last))
        case .integer: return try whole(last)
        case .real: return .real(try container.decode(Double.self, forKey: last))
        }
    }

    /// The objects of the list at a path; none where there is no list.
    func elements(at path: ArraySlice<String>) throws -> [JSONObject] {
        guard let key = path.first.map(JSONKey.init) else { return [] }
        guard path.count == 1 else { return try object(key.stringValue, nil)?.elements(at: path.dropFirst()) ?? [] }
        guard try container.contains(key) && !container.decodeNil(forKey: key) else { return [] }
        var list = try container.nestedUnkeyedContainer(forKey: key)
        var objects: [JSONObject] = []
        while !list.isAtEnd { objects.append(JSONObject(try list.nestedContainer(keyedBy: JSONKey.self))) }
        return objects
    }

    /// Return the object under a key or, where `next` is a number, that element of the list under the key; nil where
    /// there is none.
    private func object(_ key: String, _ next: String?) throws -> JSONObject? {
        let index = next.flatMap { Int($0) }
        let place = index.map { "\(key).\($0)" } ?? key
        if let known = objects[place] { return known }
        let found: JSONObject?
        let name = JSONKey(stringValue: key)
        if let index {
            let list = try elements(at: [key])
            found = list.indices.contains(index) ? list[index] : nil
        } else if try container.contains(name) && !container.decodeNil(forKey: name) {
            found = JSONObject(try container.nestedContainer(keyedBy: JSONKey.self, forKey: name))
        } else {
            found = nil
        }
        objects[place] = .some(found)
        return found
    }

    /// Return the whole number under a key; one that does not fit into `Int64` becomes the nearest real number.
    private func whole(_ key: JSONKey) throws -> IndexValue {
        if let value = try? container.decode(Int64.self, forKey: key) { return .integer(value) }
        return .real(Double(try container.decode(UInt64.self, forKey: key)))
    }
}
