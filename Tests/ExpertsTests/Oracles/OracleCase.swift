import Experts
import Foundation
import MoE
import Tensors
import Testing

/// One mixture-of-experts block that Hugging Face transformers ran; the README beside the files says how.
struct OracleCase: CustomTestStringConvertible, Sendable {
    let name: String
    let folder: String

    var testDescription: String { name }
    var weights: String { "\(folder)/\(name).safetensors" }

    /// Every case of the folder that `EPSIM_ORACLES` names, or of the fixtures.
    static let all: [OracleCase] = {
        let folder = ProcessInfo.processInfo.environment["EPSIM_ORACLES"] ?? fixture("oracles")
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".safetensors") }.sorted().map {
            OracleCase(name: String($0.dropLast(".safetensors".count)), folder: folder)
        }
    }()

    /// The family that the case's name begins with, by any of its names.
    func family() throws -> CheckpointFamily {
        let parts = name.split(separator: "_")
        let beginnings = parts.indices.reversed().map { parts[...$0].joined(separator: "_") }
        let family = beginnings.lazy.compactMap { try? CheckpointFamily.named($0) }.first
        return try #require(family, "no family for \(name)")
    }

    func layer() throws -> CheckpointLayer {
        try CheckpointLayer(checkpoint: Checkpoint(path: weights), family: family(), layer: 3)
    }

    func configuration() throws -> CheckpointConfiguration {
        try CheckpointConfiguration(json: configurationJSON(), path: "\(name).json")
    }

    /// The value of `config` in the JSON beside the weights.
    func configurationJSON() throws -> Data {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name).json"))
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        return try JSONSerialization.data(withJSONObject: #require(json["config"]))
    }

    /// A tensor of the recording.
    func recorded(_ name: String) throws -> Matrix {
        let view = try SafetensorsFile(path: weights).tensor(named: "io." + name)
        return Matrix(rows: view.rows, columns: view.elementsPerRow, values: try view.floats(rows: 0..<view.rows))
    }

    func recordedIntegers(_ name: String) throws -> [Int64] {
        let view = try SafetensorsFile(path: weights).tensor(named: "io." + name)
        return try view.integers(rows: 0..<view.rows)
    }

    func has(_ name: String) throws -> Bool {
        try SafetensorsFile(path: weights).names.contains("io." + name)
    }
}
