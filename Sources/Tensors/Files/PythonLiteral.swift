import Basics

/// A value in the dictionary of a `.npy` file's header.
enum PythonLiteral: Equatable {
    case string(String)
    case boolean(Bool)
    /// A tuple of whole numbers.
    case tuple([Int])
}

/// A parser of the one Python dictionary of a `.npy` header: strings without escapes, True, False, tuples of whole
/// numbers.
struct PythonLiteralParser {
    private let bytes: ArraySlice<UInt8>
    private let path: String
    private var index: Int

    init(_ bytes: ArraySlice<UInt8>, path: String) {
        self.bytes = bytes
        self.path = path
        index = bytes.startIndex
    }

    /// Parse the dictionary, which nothing but blanks may follow.
    mutating func dictionary() throws(TensorFileError) -> [String: PythonLiteral] {
        var fields: [String: PythonLiteral] = [:]
        try expect("{")
        while !accept("}") {
            let key = try string()
            try expect(":")
            guard fields.updateValue(try value(), forKey: key) == nil else {
                throw failure("the key \(Quoted.text(key)) only once")
            }
            if !accept(",") {
                try expect("}")
                break
            }
        }
        skipBlanks()
        guard index == bytes.endIndex else { throw failure("nothing after the dictionary") }
        return fields
    }

    private mutating func value() throws(TensorFileError) -> PythonLiteral {
        skipBlanks()
        switch peek {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "("): return .tuple(try tuple())
        case UInt8(ascii: "["): throw failure("one plain dtype; this array has structured elements")
        default: return .boolean(try boolean())
        }
    }

    private mutating func string() throws(TensorFileError) -> String {
        skipBlanks()
        guard let quote = peek, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            throw failure("a string in quotes")
        }
        let start = index + 1
        guard let end = bytes[start...].firstIndex(of: quote) else { throw failure("a closing quote") }
        index = end + 1
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    private mutating func boolean() throws(TensorFileError) -> Bool {
        let word = bytes[index...].prefix { ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z") }
        index = word.endIndex
        if word.elementsEqual("True".utf8) { return true }
        if word.elementsEqual("False".utf8) { return false }
        throw failure("a string, a tuple, True or False")
    }

    private mutating func tuple() throws(TensorFileError) -> [Int] {
        var numbers: [Int] = []
        try expect("(")
        while !accept(")") {
            numbers.append(try number())
            if !accept(",") {
                try expect(")")
                break
            }
        }
        return numbers
    }

    private mutating func number() throws(TensorFileError) -> Int {
        skipBlanks()
        let digits = bytes[index...].prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        guard let number = Int(String(decoding: digits, as: UTF8.self)) else {
            throw failure("a whole number from 0 to \(Int.max)")
        }
        index = digits.endIndex
        return number
    }

    private var peek: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

    private mutating func skipBlanks() {
        while let byte = peek, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") { index += 1 }
    }

    private mutating func accept(_ mark: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard peek == UInt8(ascii: mark) else { return false }
        index += 1
        return true
    }

    private mutating func expect(_ mark: Unicode.Scalar) throws(TensorFileError) {
        guard accept(mark) else { throw failure("'\(mark)'") }
    }

    private func failure(_ expected: String) -> TensorFileError {
        TensorFileError(path: path, message: "its header at byte \(index) should hold \(expected)")
    }
}
