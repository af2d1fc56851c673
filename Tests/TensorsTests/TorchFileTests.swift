import Foundation
import TestSupport
import Testing

@testable import Tensors

/// Reading what `torch.save` wrote, and refusing whatever would have to be run.
@Suite struct TorchFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func numbers(_ file: any TensorFile, _ name: String) throws -> [Double] {
        let tensor = try file.tensor(named: name).flat
        return try tensor.doubles(rows: 0..<tensor.rows)
    }

    /// The values are those of make_torch.py.
    @Test func aRecorderDumpIsRead() throws {
        let file = try openTensorFile(fixture("recorder.pt"))
        #expect(file.names == ["logical_count"])
        let counts = try file.tensor(named: "logical_count")
        #expect(counts.shape == [2, 2, 4] && counts.dtype == .i32)
        #expect(try numbers(file, "logical_count") == [5, 1, 2, 3, 1, 1, 1, 1, 3, 3, 2, 1, 4, 0, 0, 0])
    }

    @Test func tensorsAreNamedByTheirPlaces() throws {
        let file = try openTensorFile(fixture("passes.pt"))
        let passes = (0..<3).map { "records.\($0).global_physical_count" }
        #expect(file.names == passes + ["last_physical_to_logical_map"])
        #expect(try numbers(file, passes[2]) == [4, 3, 4, 5, 3, 4, 3, 3, 3, 3, 3, 3])
        let error = failure { _ = try file.tensor(named: "records.3") }
        #expect(error?.contains("holds no tensor \"records.3\"; it holds \"records.0.global_physical_count\"") == true)
    }

    @Test func viewsAreWhatTheyShow() throws {
        let file = try openTensorFile(fixture("views.pt"))
        #expect(try file.tensor(named: "transposed").shape == [4, 3])
        #expect(try numbers(file, "transposed") == [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11])
        #expect(try numbers(file, "part") == [5, 6, 7, 8])
        #expect(try numbers(file, "every_other") == [0, 2, 4, 6, 8, 10])
        #expect(try numbers(file, "alone") == [7])
        #expect(try numbers(file, "nested.0.0") == [1, 1])
        let flags = try file.tensor(named: "nested.0.1")
        #expect(flags.dtype == .bool)
        #expect(try flags.bytes(rows: 0..<2) == [1, 0])
        #expect(try file.tensor(named: "empty").shape == [0, 3])
        // Protocol 4, with frames and short texts.
        #expect(try numbers(openTensorFile(fixture("alone.pt")), "tensor") == [1.5, -2])
    }

    @Test(arguments: [
        ("calls.pt", "its pickle names \"posix.system\", which is not read"),
        ("parameter.pt", "its pickle names \"torch._utils._rebuild_parameter\", which is not read"),
        ("set.pt", "its pickle names \"__builtin__.set\", which is not read"),
        ("expanded.pt", "builds a tensor of shape [1000000, 4] over 4 elements, which do not hold it"),
        ("old.pt", "is not a zip archive, as torch.save writes it since PyTorch 1.6"),
    ])
    func whatIsNoPlainTensorIsRefusedByName(name: String, message: String) {
        let error = failure { _ = try openTensorFile(fixture(name)) }
        #expect(error?.contains(message) == true, "\(error ?? "opened")")
    }

    private func tensors(_ pickle: [UInt8]) -> String? {
        failure { _ = try PickleReader.tensors(pickle, path: "p") }
    }

    /// Every operation that is not among those of plain tensors is refused, whatever stands before it.
    @Test func otherOperationsAreRefused() {
        let read = "NJKMGX(t)]}aesuqrhjcRQ.".utf8
        let further: Set<UInt8> = [0x80, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x8D, 0x93, 0x94, 0x95]
        for code in UInt8.min ... .max where !read.contains(code) && !further.contains(code) {
            let error = tensors([0x80, 2, UInt8(ascii: "}"), code, UInt8(ascii: ".")])
            #expect(error?.contains("holds the operation 0x\(String(code, radix: 16)) at byte 3") == true, "\(code)")
        }
    }

    @Test func whatCannotBeIsRefused() {
        #expect(tensors([])?.contains("ends without its end") == true)
        #expect(tensors(Array(".".utf8))?.contains("wants a value that is not there") == true)
        #expect(tensors(Array("(.".utf8))?.contains("wants a value that is not there") == true)
        #expect(tensors(Array("t.".utf8))?.contains("ends a row of values that it has not begun") == true)
        #expect(tensors(Array("h\u{5}.".utf8))?.contains("reads value 5, which it has not stored") == true)
        #expect(tensors(Array("X\u{7F}\u{7F}\u{7F}\u{7F}a.".utf8))?.contains("bytes at byte 5 of 7") == true)
        #expect(tensors(Array("NNR.".utf8))?.contains("calls what cannot be called") == true)
        #expect(tensors(Array("NQ.".utf8))?.contains("names something else than the elements of a tensor") == true)
        #expect(tensors(Array("cos\nsystem\n.".utf8))?.contains("names \"os.system\"") == true)
        #expect(tensors(Array("NNa.".utf8))?.contains("adds to what is no list") == true)
        // A list that holds itself: named without end.
        #expect(tensors(Array("]q\u{0}h\u{0}a.".utf8))?.contains("deeper than 32") == true)
        // Lists that hold the one before twice: 2^31 names of 31 lists.
        let twice = "]q\u{0}" + (0..<31).map { _ in "]h\u{0}ah\u{0}aq\u{0}" }.joined() + "."
        #expect(tensors(Array(twice.utf8))?.contains("values within values, more than 1048576") == true)
    }

    /// Tuples within tuples: a tree of them would be released with a stack as deep.
    @Test func deepValuesAreRefused() {
        let deep = Array("N".utf8) + [UInt8](repeating: 0x85, count: 200_000)
        #expect(tensors(deep + Array(".".utf8))?.contains("deeper than 32") == true)
        // Dropped, in a memo, as the key of a dictionary, and as what a call is given.
        #expect(tensors(deep + Array("N0.".utf8))?.contains("holds the operation 0x30") == true)
        #expect(tensors(deep + Array("q\u{0}N.".utf8)) == nil)
        #expect(tensors(Array("}".utf8) + deep + Array("Ns.".utf8)) == nil)
        #expect(tensors(deep + Array("Q.".utf8))?.contains("names something else") == true)
        #expect(
            tensors(Array("ccollections\nOrderedDict\n".utf8) + deep + Array("R.".utf8))?.contains(
                "calls collections.OrderedDict in a way that is not read"
            ) == true
        )
    }

    /// Whatever makes them: none of the operations is free.
    @Test(arguments: [
        ("", "N"), ("", "K\u{1}"), ("", "("), ("", "]"), ("", "}"), ("", ")"), ("N", "q\u{0}"), ("Nq\u{0}", "h\u{0}"),
        ("]", "Na"), ("}", "NNs"), ("", "ctorch\nFloatStorage\n"), ("", "X\u{0}\u{0}\u{0}\u{0}"),
        ("", "ccollections\nOrderedDict\n)R"), ("](", "N"),
    ])
    func everyValueIsCounted(head: String, repeated: String) {
        let pickle = Array(head.utf8) + Array(repeatElement(repeated.utf8, count: 100).joined())
        let error = failure { _ = try PickleReader.tensors(pickle + Array("N.".utf8), path: "p", most: 100) }
        #expect(error?.contains("creates more than 100 values before byte") == true, "\(error ?? "read")")
        #expect(failure { _ = try PickleReader.tensors(pickle + Array("N.".utf8), path: "p", most: 1000) } == nil)
    }

    @Test func tuplesAreCounted() {
        let pickle = Array("N".utf8) + [UInt8](repeating: 0x85, count: 100) + Array(".".utf8)
        let error = failure { _ = try PickleReader.tensors(pickle, path: "p", most: 100) }
        #expect(error == "p: its pickle creates more than 100 values before byte 101, which are allowed")
    }

    /// A key of 64 KiB before each of a list that a list holds many times.
    @Test func longNamesAreRefused() {
        let key = [UInt8(ascii: "X"), 0, 0, 1, 0] + [UInt8](repeating: 0x61, count: 65536)
        let pickle = Array("}".utf8) + key + Array("](".utf8) + [UInt8](repeating: UInt8(ascii: "N"), count: 1100)
        #expect(tensors(pickle + Array("es.".utf8))?.contains("whose names have more than 67108864 bytes") == true)
    }

    /// The pickle of a tensor over `elements` numbers of 32 bits, as torch.save writes it, without a memo.
    private func pickle(offset: Int, shape: [Int], strides: [Int], elements: Int = 4) -> [UInt8] {
        func number(_ value: Int) -> [UInt8] { [0x8A, 8] + littleEndian(UInt64(value)) }
        func text(_ text: String) -> [UInt8] { [0x8C, UInt8(text.utf8.count)] + Array(text.utf8) }
        func tuple(_ values: [Int]) -> [UInt8] { Array("(".utf8) + values.flatMap(number) + Array("t".utf8) }
        return [0x80, 2] + Array("ctorch._utils\n_rebuild_tensor_v2\n((".utf8) + text("storage")
            + Array("ctorch\nFloatStorage\n".utf8) + text("0") + text("cpu") + number(elements) + Array("tQ".utf8)
            + number(offset) + tuple(shape) + tuple(strides) + [0x89] + Array("}tR.".utf8)
    }

    /// An archive of torch.save around a pickle, with the four numbers 1 to 4.
    private func archive(_ pickle: [UInt8]) throws -> String {
        let numbers = [Float(1), 2, 3, 4].flatMap { littleEndian($0.bitPattern) }
        let entries = [("a/data.pkl", pickle), ("a/data/0", numbers)]
        return try folder.write(storedZip(entries), as: "made.pt")
    }

    /// A view without elements may stand anywhere, and has none to be found.
    @Test(arguments: [0, 4, 7, 1 << 62, Int.max])
    func emptyViewsHaveNoPlace(offset: Int) throws {
        for (shape, strides) in [([0], [1]), ([2, 0, 3], [1 << 62, 1 << 62, 1]), ([0], [Int.max])] {
            let file = try openTensorFile(archive(pickle(offset: offset, shape: shape, strides: strides)))
            #expect(try file.tensor(named: "tensor").shape == shape)
            #expect(try numbers(file, "tensor") == [])
        }
    }

    @Test func placesBeyondAllNumbersAreRefused() throws {
        for (offset, shape, strides) in [
            (1 << 62, [1], [1]), (Int.max, [2], [1]), (0, [2], [Int.max]), (1, [3], [1 << 62]),
            (0, [1 << 62, 4], [0, 0]),
        ] {
            let path = try archive(pickle(offset: offset, shape: shape, strides: strides))
            let error = failure { _ = try openTensorFile(path) }
            #expect(error?.contains("over 4 elements, which do not hold it") == true, "\(error ?? "opened")")
        }
        // The stride of a single index is never taken.
        let file = try openTensorFile(archive(pickle(offset: 1, shape: [2, 1], strides: [2, Int.max])))
        #expect(try numbers(file, "tensor") == [2, 4])
        let many = try openTensorFile(archive(pickle(offset: 0, shape: [0], strides: [1], elements: 1 << 62)))
        #expect(failure { _ = try many.tensor(named: "tensor") }?.contains("are more than the 16 bytes") == true)
    }

    private static let seeds = (0..<4).map { _ in UInt64.random(in: .min ... .max) }

    /// Pickles of random operations and changed ones end, without a crash, whatever they say.
    @Test(arguments: seeds)
    func damagedPicklesAreErrors(seed: UInt64) throws {
        FileHandle.standardError.write(Data("fuzzing pickles with seed \(seed)\n".utf8))
        var random = SeededRandom(seed: seed)
        let archive = try MappedFile(path: fixture("passes.pt"))
        let entry = try #require(try ZipDirectory(archive).entries.first { $0.name.hasSuffix("data.pkl") })
        let (bytes, range) = try archive.content(of: entry)
        let valid = bytes.bytes(in: range)
        #expect(tensors(valid) == nil)
        let codes =
            Array("NJKMGX(t)]}aesuqrhjcRQ.".utf8) + [0x80, 0x85, 0x86, 0x87, 0x88, 0x8A, 0x8C, 0x93, 0x94, 0x95]
        for _ in 0..<2000 {
            var pickle = valid
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<pickle.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: pickle[place] = UInt8.random(in: 0...255, using: &random)
                case 1: pickle.insert(codes.randomElement(using: &random) ?? 0, at: place)
                case 2: pickle.remove(at: place)
                default: pickle[place] = codes.randomElement(using: &random) ?? 0
                }
            }
            if random.happens(0.1) { pickle.removeLast(Int.random(in: 0..<pickle.count, using: &random)) }
            _ = tensors(pickle)
            _ = tensors(
                (0..<Int.random(in: 1...60, using: &random)).map { _ in codes.randomElement(using: &random) ?? 0 }
            )
        }
    }
}
