import Basics
import FoundationEssentials
import Tensors

/// Numbers in lists of lists, of one to three levels: `[k]`, `[layer, k]` or `[token, layer, k]`.
struct NestedNumbers<Number: Decodable & Sendable & BitwiseCopyable>: Decodable, Sendable {
    /// The number of lists or numbers in a list of each level, from the outermost.
    let shape: [Int]
    let values: [Number]

    init(shape: [Int], values: [Number]) {
        self.shape = shape
        self.values = values
    }

    init(from decoder: any Decoder) throws {
        // The first element tells how many levels there are; all others must then be of the same.
        var outer = try decoder.unkeyedContainer()
        guard var middle = try? outer.nestedUnkeyedContainer() else {
            values = try [Number](from: decoder)
            shape = [values.count]
            return
        }
        guard (try? middle.nestedUnkeyedContainer()) != nil else {
            let lists = try [[Number]](from: decoder)
            values = lists.flatMap { $0 }
            shape = [lists.count, try Self.size(lists, decoder)]
            return
        }
        let lists = try [[[Number]]](from: decoder)
        let layers = try Self.size(lists, decoder)
        let inner = lists.flatMap { $0 }
        shape = [lists.count, layers, try Self.size(inner, decoder)]
        values = inner.flatMap { $0 }
    }

    /// The one size that all lists have.
    private static func size<Element>(_ lists: [[Element]], _ decoder: any Decoder) throws -> Int {
        let size = lists.first?.count ?? 0
        if let other = lists.firstIndex(where: { $0.count != size }) {
            let found = "list \(other) has \(lists[other].count) elements, list 0 has \(size); all need as many"
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: found))
        }
        return size
    }
}

/// The experts of a line: numbers in lists, or the text in which vLLM's server sends them, the base64 of a `.npy` file.
struct NestedExperts: Decodable, Sendable {
    let numbers: NestedNumbers<Int64>

    init(from decoder: any Decoder) throws {
        guard let text = try? decoder.singleValueContainer().decode(String.self) else {
            numbers = try NestedNumbers(from: decoder)
            return
        }
        func failure(_ message: String) -> DecodingError {
            DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: message))
        }
        guard let bytes = Data(base64Encoded: text) else { throw failure("a text that is not base64") }
        do {
            let file = try NpyFile(bytes: Array(bytes), named: "base64", from: "")
            let tensor = try file.tensor(named: "base64")
            guard (1...3).contains(tensor.shape.count) else {
                throw failure("an array of shape \(tensor.shape); [token, layer, k] is needed")
            }
            numbers = NestedNumbers(
                shape: tensor.shape,
                values: try tensor.flat.integers(rows: 0..<tensor.flat.rows)
            )
        } catch let error as TensorFileError {
            throw failure("the base64 of something that \(error.message)")
        }
    }
}
