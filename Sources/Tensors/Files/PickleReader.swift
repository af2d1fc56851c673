import Basics

/// A value in a file that PyTorch has saved.
///
/// What holds further values is a number in a table of the machine, so that no value is deep: to release a value of a
/// million tuples within each other would need a stack as deep.
enum PickleValue: Sendable {
    case none
    case boolean(Bool)
    case integer(Int)
    case real(Double)
    case string(String)
    /// A tuple, as its number among those of the machine.
    case tuple(Int)
    /// A list, as its number among those of the machine: others may hold it, too.
    case list(Int)
    /// A dictionary, as its number among those of the machine.
    case dictionary(Int)
    /// A name of Python that this reader knows, for example `torch.FloatStorage`.
    case global(String)
    case storage(TorchStorage)
    case tensor(TorchTensor)
}

/// The elements that tensors of a file share: their type, and the entry of the archive that holds them.
struct TorchStorage: Equatable, Sendable {
    let dtype: DType
    /// The name of the entry below `data/`.
    let key: String
    /// Elements.
    let count: Int
}

/// A tensor over the elements of a storage.
struct TorchTensor: Equatable, Sendable {
    let storage: TorchStorage
    /// The index of the first element; 0 where there is none.
    let offset: Int
    let shape: [Int]
    /// Elements from one index of a dimension to the next.
    let strides: [Int]
}

/// A reader of the pickles of `torch.save` that hold tensors in plain dictionaries, lists and tuples.
///
/// A pickle is a program, which can call anything in Python. This reader carries out the few operations that build such
/// values, calls nothing, and refuses every other operation and every other name of Python, so that no file can do
/// anything but be refused. Source: the table of opcodes in CPython's Lib/pickletools.py; `_rebuild_tensor_v2` of
/// torch/_utils.py; `persistent_id` of torch/serialization.py.
struct PickleReader {
    /// The most bytes of a pickle; a recording of 10,000 passes takes some megabytes.
    static let longest = 1 << 26
    /// The most values that a pickle may create: what it puts on the stack, marks and copies too, and into the memo.
    static let mostValues = 1 << 22
    private static let deepest = 32
    /// The most values that are visited to name tensors, which may hold each other many times over.
    private static let mostNames = 1 << 20
    /// The most bytes of all names that are made: a long key may stand before many.
    private static let longestNames = 1 << 26

    private static let rebuild = "torch._utils._rebuild_tensor_v2"
    private static let ordered = "collections.OrderedDict"
    private static let storages: [String: DType] = [
        "torch.DoubleStorage": .f64, "torch.FloatStorage": .f32, "torch.HalfStorage": .f16,
        "torch.BFloat16Storage": .bf16, "torch.LongStorage": .i64, "torch.IntStorage": .i32,
        "torch.ShortStorage": .i16, "torch.CharStorage": .i8, "torch.ByteStorage": .u8, "torch.BoolStorage": .bool,
    ]

    private let bytes: [UInt8]
    private let path: String
    private let most: Int
    private var at = 0
    private var created = 0
    private var stack: [PickleValue] = []
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    private var tuples: [[PickleValue]] = []
    private var lists: [[PickleValue]] = []
    private var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []

    /// The tensors of a pickle with their names: the keys and indices that lead to each, joined by points, in the order
    /// of the file. A tensor that nothing holds is called `tensor`.
    ///
    /// - Parameter most: the most values that are created.
    /// - Throws: ``TensorFileError`` that names the operation or the Python name which is not read, and its place.
    static func tensors(
        _ bytes: [UInt8],
        path: String,
        most: Int = mostValues
    ) throws(TensorFileError) -> [(name: String, tensor: TorchTensor)] {
        guard bytes.count <= longest else {
            throw TensorFileError(
                path: path,
                message: "has a pickle of \(bytes.count) bytes; at most \(longest) are read"
            )
        }
        var reader = PickleReader(bytes, path, most)
        let value = try reader.run()
        var names = TensorNames(reader: reader)
        try names.add(value, name: "", depth: 0)
        return names.tensors
    }

    private init(_ bytes: [UInt8], _ path: String, _ most: Int) {
        (self.bytes, self.path, self.most) = (bytes, path, most)
    }

    private func error(_ message: String) -> TensorFileError {
        TensorFileError(path: path, message: "its pickle \(message)")
    }

    /// Carry out all operations, and return the value that they leave.
    private mutating func run() throws(TensorFileError) -> PickleValue {
        while true {
            let place = at
            let code = try byte()
            if code == UInt8(ascii: ".") { return try pop() }
            guard let operation = Self.operations[code] else {
                let shown = String(code, radix: 16)
                throw error(
                    "holds the operation 0x\(shown) at byte \(place), which builds no plain tensors and is not read"
                )
            }
            try carryOut(operation)
        }
    }

    /// Count a value that is created.
    private mutating func count() throws(TensorFileError) {
        created += 1
        guard created <= most else {
            throw error("creates more than \(most) values before byte \(at), which are allowed")
        }
    }

    private mutating func push(_ value: PickleValue) throws(TensorFileError) {
        try count()
        stack.append(value)
    }

    /// Store the value on top of the stack in the memo.
    private mutating func store(_ place: Int) throws(TensorFileError) {
        try count()
        memo[place] = try top()
    }

    /// An operation that is read.
    private enum Operation {
        case skip(Int), push(PickleValue), integer(Int), long, real, text(Int)
        case mark, tuple(Int?), list, dictionary, append, appends, setItem, setItems
        case put(Int), memoize, get(Int), global, stackGlobal, reduce, persistent
    }

    private static let operations: [UInt8: Operation] = [
        0x80: .skip(1), 0x95: .skip(8),
        UInt8(ascii: "N"): .push(.none), 0x88: .push(.boolean(true)), 0x89: .push(.boolean(false)),
        UInt8(ascii: "J"): .integer(4), UInt8(ascii: "K"): .integer(1), UInt8(ascii: "M"): .integer(2), 0x8A: .long,
        UInt8(ascii: "G"): .real, UInt8(ascii: "X"): .text(4), 0x8C: .text(1), 0x8D: .text(8),
        UInt8(ascii: "("): .mark, UInt8(ascii: "t"): .tuple(nil), UInt8(ascii: ")"): .tuple(0), 0x85: .tuple(1),
        0x86: .tuple(2), 0x87: .tuple(3), UInt8(ascii: "]"): .list, UInt8(ascii: "}"): .dictionary,
        UInt8(ascii: "a"): .append, UInt8(ascii: "e"): .appends, UInt8(ascii: "s"): .setItem,
        UInt8(ascii: "u"): .setItems, UInt8(ascii: "q"): .put(1), UInt8(ascii: "r"): .put(4), 0x94: .memoize,
        UInt8(ascii: "h"): .get(1), UInt8(ascii: "j"): .get(4), UInt8(ascii: "c"): .global, 0x93: .stackGlobal,
        UInt8(ascii: "R"): .reduce, UInt8(ascii: "Q"): .persistent,
    ]

    private mutating func carryOut(_ operation: Operation) throws(TensorFileError) {
        switch operation {
        case .skip(let count): _ = try take(count)
        case .push(let value): try push(value)
        case .integer(let count): try push(.integer(integer(count)))
        case .long: try push(.integer(long()))
        case .real:
            let bits = try take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            try push(.real(Double(bitPattern: bits)))
        case .text(let count):
            guard let text = String(validating: try take(number(count)), as: UTF8.self) else {
                throw error("holds a text before byte \(at) that is not UTF-8")
            }
            try push(.string(text))
        case .mark:
            try count()
            marks.append(stack.count)
        case .tuple(let count):
            let values = if let count { try pop(count) } else { try popToMark() }
            tuples.append(values)
            try push(.tuple(tuples.count - 1))
        case .list:
            lists.append([])
            try push(.list(lists.count - 1))
        case .dictionary: try pushDictionary()
        case .append: try append([pop()])
        case .appends: try append(popToMark())
        case .setItem: try set(pop(2))
        case .setItems: try set(popToMark())
        case .put(let count): try store(number(count))
        case .memoize: try store(memo.count)
        case .get(let count):
            let place = try number(count)
            guard let value = memo[place] else { throw error("reads value \(place), which it has not stored") }
            try push(value)
        case .global: try push(.global(known(line(), line())))
        case .stackGlobal:
            let names = try pop(2)
            guard case .string(let module) = names[0], case .string(let name) = names[1] else {
                throw error("names something of Python by what is no text, before byte \(at)")
            }
            try push(.global(known(module, name)))
        case .reduce: try reduce()
        case .persistent: try push(.storage(storage(pop())))
        }
    }

    // MARK: bytes

    private mutating func byte() throws(TensorFileError) -> UInt8 {
        guard at < bytes.count else { throw error("ends without its end, after \(bytes.count) bytes") }
        defer { at += 1 }
        return bytes[at]
    }

    private mutating func take(_ count: Int) throws(TensorFileError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - at else {
            throw error("wants \(count) bytes at byte \(at) of \(bytes.count)")
        }
        defer { at += count }
        return bytes[at..<at + count]
    }

    /// An unsigned little-endian number.
    private mutating func number(_ count: Int) throws(TensorFileError) -> Int {
        let value = try take(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let value = Int(exactly: value) else { throw error("holds a size of \(value) before byte \(at)") }
        return value
    }

    /// A number of which four bytes have a sign.
    private mutating func integer(_ count: Int) throws(TensorFileError) -> Int {
        let value = try number(count)
        return count == 4 ? Int(Int32(truncatingIfNeeded: value)) : value
    }

    /// A number in two's complement, of so many bytes as its first says.
    private mutating func long() throws(TensorFileError) -> Int {
        let count = Int(try byte())
        guard count <= 8 else { throw error("holds a number of \(count) bytes before byte \(at); at most 8 are read") }
        let value = try take(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard count > 0, count < 8 else { return Int(truncatingIfNeeded: value) }
        let shift = 64 - 8 * UInt64(count)
        return Int(truncatingIfNeeded: value << shift) >> shift
    }

    private mutating func line() throws(TensorFileError) -> String {
        guard let end = bytes[at...].firstIndex(of: 0x0A) else { throw error("ends within a name, at byte \(at)") }
        defer { at = end + 1 }
        return String(decoding: bytes[at..<end], as: UTF8.self)
    }

    // MARK: stack

    private func top() throws(TensorFileError) -> PickleValue {
        guard let value = stack.last, stack.count > marks.last ?? 0 else {
            throw error("wants a value that is not there, before byte \(at)")
        }
        return value
    }

    private mutating func pop() throws(TensorFileError) -> PickleValue {
        let value = try top()
        stack.removeLast()
        return value
    }

    private mutating func pop(_ count: Int) throws(TensorFileError) -> [PickleValue] {
        guard stack.count - (marks.last ?? 0) >= count else {
            throw error("wants \(count) values that are not there, before byte \(at)")
        }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popToMark() throws(TensorFileError) -> [PickleValue] {
        guard let mark = marks.popLast(), mark <= stack.count else {
            throw error("ends a row of values that it has not begun, before byte \(at)")
        }
        defer { stack.removeLast(stack.count - mark) }
        return Array(stack[mark...])
    }

    // MARK: values

    private mutating func pushDictionary() throws(TensorFileError) {
        dictionaries.append([])
        try push(.dictionary(dictionaries.count - 1))
    }

    private mutating func append(_ values: [PickleValue]) throws(TensorFileError) {
        guard case .list(let list) = try top() else { throw error("adds to what is no list, before byte \(at)") }
        lists[list] += values
    }

    private mutating func set(_ values: [PickleValue]) throws(TensorFileError) {
        guard case .dictionary(let dictionary) = try top(), values.count.isMultiple(of: 2) else {
            throw error("sets what is no key of a dictionary, before byte \(at)")
        }
        for index in stride(from: 0, to: values.count, by: 2) {
            dictionaries[dictionary].append((values[index], values[index + 1]))
        }
    }

    /// A name of Python, which must be one of the few that plain tensors need.
    private func known(_ module: String, _ name: String) throws(TensorFileError) -> String {
        let full = "\(module).\(name)"
        guard full == Self.rebuild || full == Self.ordered || Self.storages[full] != nil else {
            throw error(
                "names \(Quoted.value(full)), which is not read: only plain tensors in dictionaries, lists and tuples are, and "
                    + "nothing in a file is ever run"
            )
        }
        return full
    }

    private mutating func reduce() throws(TensorFileError) {
        let call = try pop(2)
        guard case .global(let name) = call[0], case .tuple(let tuple) = call[1] else {
            throw error("calls what cannot be called, before byte \(at)")
        }
        let arguments = tuples[tuple]
        switch name {
        case Self.ordered where arguments.isEmpty: try pushDictionary()
        case Self.rebuild: try push(.tensor(tensor(arguments)))
        default: throw error("calls \(name) in a way that is not read, before byte \(at)")
        }
    }

    private func tensor(_ arguments: [PickleValue]) throws(TensorFileError) -> TorchTensor {
        guard arguments.count >= 4, case .storage(let storage) = arguments[0], case .integer(let offset) = arguments[1],
            let shape = integers(arguments[2]), let strides = integers(arguments[3]),
            shape.count == strides.count, offset >= 0, shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 })
        else { throw error("builds a tensor in a way that is not read, before byte \(at)") }
        // A view without elements may begin anywhere, even behind the last element: it has no first one.
        let start = shape.contains(0) ? 0 : offset
        let tensor = TorchTensor(storage: storage, offset: start, shape: shape, strides: strides)
        guard tensor.fits else {
            throw error(
                "builds a tensor of shape \(shape) over \(storage.count) elements, which do not hold it, before byte \(at)"
            )
        }
        return tensor
    }

    private func integers(_ value: PickleValue) -> [Int]? {
        guard case .tuple(let tuple) = value else { return nil }
        let values = tuples[tuple]
        let numbers = values.compactMap { if case .integer(let number) = $0 { number } else { nil } }
        return numbers.count == values.count ? numbers : nil
    }

    /// The storage that a persistent id names: `('storage', type, key, location, elements)`.
    private func storage(_ id: PickleValue) throws(TensorFileError) -> TorchStorage {
        let parts = if case .tuple(let tuple) = id { tuples[tuple] } else { [PickleValue]() }
        guard parts.count == 5, case .string("storage") = parts[0],
            case .global(let type) = parts[1], let dtype = Self.storages[type], case .string(let key) = parts[2],
            case .integer(let count) = parts[4], count >= 0
        else { throw error("names something else than the elements of a tensor, before byte \(at)") }
        return TorchStorage(dtype: dtype, key: key, count: count)
    }

    /// The tensors of a value, with their names.
    private struct TensorNames {
        let reader: PickleReader
        private(set) var tensors: [(name: String, tensor: TorchTensor)] = []
        private var visited = 0
        private var letters = 0

        init(reader: PickleReader) { self.reader = reader }

        mutating func add(_ value: PickleValue, name: String, depth: Int) throws(TensorFileError) {
            visited += 1
            guard visited <= PickleReader.mostNames, depth <= PickleReader.deepest else {
                throw reader.error(
                    "holds values within values, more than \(PickleReader.mostNames) or deeper than \(PickleReader.deepest)"
                )
            }
            letters += name.utf8.count
            guard letters <= PickleReader.longestNames else {
                throw reader.error("holds values whose names have more than \(PickleReader.longestNames) bytes")
            }
            func inner(_ part: String) -> String { name.isEmpty ? part : "\(name).\(part)" }
            switch value {
            case .tensor(let tensor): tensors.append((name.isEmpty ? "tensor" : name, tensor))
            case .tuple(let tuple): try add(reader.tuples[tuple], inner, depth)
            case .list(let list): try add(reader.lists[list], inner, depth)
            case .dictionary(let dictionary):
                for (key, value) in reader.dictionaries[dictionary] {
                    switch key {
                    case .string(let text): try add(value, name: inner(text), depth: depth + 1)
                    case .integer(let number): try add(value, name: inner("\(number)"), depth: depth + 1)
                    default: continue
                    }
                }
            default: break
            }
        }

        private mutating func add(
            _ values: [PickleValue],
            _ inner: (String) -> String,
            _ depth: Int
        ) throws(TensorFileError) {
            for (index, value) in values.enumerated() { try add(value, name: inner("\(index)"), depth: depth + 1) }
        }
    }
}

extension TorchTensor {
    /// Elements, or nil for more than an `Int` counts.
    var count: Int? {
        if shape.contains(0) { return 0 }
        var count = 1
        for size in shape {
            let (product, isHuge) = count.multipliedReportingOverflow(by: size)
            guard !isHuge else { return nil }
            count = product
        }
        return count
    }

    /// True when all elements are those of the storage, and not more than it has: a view may not repeat them.
    fileprivate var fits: Bool {
        guard let count else { return false }
        if count == 0 { return true }
        guard count <= storage.count else { return false }
        var last = offset
        for (size, stride) in zip(shape, strides) {
            let (step, isHuge) = (size - 1).multipliedReportingOverflow(by: stride)
            let (sum, isLarge) = last.addingReportingOverflow(step)
            guard !isHuge, !isLarge else { return false }
            last = sum
        }
        return last < storage.count
    }

    /// True when the elements stand one after the other in the storage.
    var isContiguous: Bool {
        var expected = 1
        for (size, stride) in zip(shape, strides).reversed() where size != 1 {
            guard stride == expected else { return false }
            expected *= size
        }
        return true
    }
}
