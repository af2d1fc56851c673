import Foundation
import Tensors
import TestSupport
import Testing

/// No content of a tensor file may crash its reader, nor be read beyond its end.
@Suite struct TensorFileFuzzTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private static let seeds = (0..<3).map { _ in UInt64.random(in: .min ... .max) }

    /// Opens the file and reads all of it, as far as it can be read.
    private func read(_ path: String) {
        guard let file = try? openTensorFile(path) else { return }
        for name in file.names {
            guard let tensor = try? file.tensor(named: name) else { continue }
            let rows = 0..<min(tensor.rows, 1000)
            _ = try? tensor.floats(rows: rows)
            _ = try? tensor.integers(rows: rows)
        }
    }

    @Test(
        arguments: [
            "mixed.safetensors", "f4.npy", "version2.npy", "structured.npy", "stored.npz", "deflated.npz", "passes.pt",
            "views.pt",
        ],
        seeds
    )
    func truncationsAndByteFlipsNeverCrash(name: String, seed: UInt64) throws {
        // Said beforehand, because a crash would not say it.
        FileHandle.standardError.write(Data("fuzzing \(name) with seed \(seed)\n".utf8))
        let valid = try [UInt8](Data(contentsOf: URL(fileURLWithPath: fixture(name))))
        let random = CounterRandom(seed: seed, purpose: .test)
        var draws = 0
        func draw(_ bound: Int) -> Int {
            draws += 1
            return Int(random.word(draws)) % bound
        }
        for _ in 0..<300 {
            var bytes = valid
            for _ in 0..<draw(4) { bytes[draw(bytes.count)] = UInt8(draw(256)) }
            for _ in 0..<draw(3) {
                bytes[draw(min(bytes.count, 200))] = Array("0123456789-[]{}(),:'\" ".utf8)[draw(22)]
            }
            if draw(3) == 0 { bytes.removeLast(draw(bytes.count)) }
            read(try folder.write(bytes, as: "seed-\(seed)-\(name)"))
        }
    }

    @Test(arguments: ["stored.npz", "deflated.npz", "recorder.pt"])
    func everyTruncationOfAnArchiveIsAnError(name: String) throws {
        let valid = try [UInt8](Data(contentsOf: URL(fileURLWithPath: fixture(name))))
        for count in 0..<valid.count {
            let path = try folder.write(Array(valid.prefix(count)), as: "short-\(name)")
            #expect(throws: TensorFileError.self) { try openTensorFile(path) }
        }
    }

    @Test func everyTruncationOfASafetensorsFileIsAnError() throws {
        let valid = try [UInt8](Data(contentsOf: URL(fileURLWithPath: fixture("mixed.safetensors"))))
        for count in 0..<valid.count {
            let path = try folder.write(Array(valid.prefix(count)), as: "short.safetensors")
            #expect(throws: TensorFileError.self) { try openTensorFile(path) }
        }
    }
}
