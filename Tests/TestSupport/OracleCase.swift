public import Foundation

/// One mixture-of-experts block that Hugging Face transformers ran; the README beside the files says how.
public struct OracleCase: CustomStringConvertible, Sendable {
    /// Where it stands.
    public let file: CaseFile
    /// The JSON beside the weights.
    public let json: JSON

    /// Reads the JSON of a case.
    public init(_ file: CaseFile) throws {
        self.file = file
        json = try file.json()
    }

    /// A case of the fixtures.
    public static func fixture(_ name: String) throws -> OracleCase {
        try OracleCase(CaseFile(name, folder: fixtureFolder("oracles")))
    }

    /// Every case of the folder that `EPSIM_ORACLES` names, or of the fixtures.
    public static let files = CaseFile.all("safetensors", fixtures: "oracles", variable: "EPSIM_ORACLES")

    /// The name, by which a test names the case.
    public var description: String { file.name }

    /// The file of weights and recorded tensors.
    public var weights: String { file.path("safetensors") }

    /// The `config.json` of the model, as text.
    public func configuration() throws -> Data {
        guard let config = json["config"] else { throw TestTrouble("\(file.name).json has no config") }
        return try config.data()
    }

    /// The layer whose block was recorded: the number in the prefix of its tensors.
    public func layer() throws -> Int {
        let parts = (json.string("prefix") ?? "").split(separator: ".")
        guard let layer = parts.lazy.compactMap({ Int($0) }).first else {
            throw TestTrouble("\(file.name).json has no prefix with the number of a layer")
        }
        return layer
    }

    /// Tokens of each sequence, or nil when the batch is one: `2 sequences of 12 tokens` in the notes.
    ///
    /// Only the number of sequences is read: some notes give another length than the tensors have.
    public func sequenceTokens(of tokens: Int) -> Int? {
        let note = json.strings("notes").first { $0.contains(" sequences of ") }
        guard let count = note?.split(separator: " ").first.flatMap({ Int($0) }), count > 0 else { return nil }
        return tokens / count
    }

    /// The families of the oracles, as their files are called.
    public static let families = [
        "afmoe", "bailing_hybrid", "dbrx", "deepseek_moe_16b", "deepseek_v2", "deepseek_v3", "deepseek_v32", "dots1",
        "ernie4_5_moe", "exaone_moe", "flex_olmo", "glm4_moe", "glm4_moe_lite", "glm4v_moe", "glm_moe_dsa", "gpt_oss",
        "granitemoe", "granitemoe_swa", "granitemoehybrid", "granitemoeshared", "hunyuan_v1_moe", "hy_v3", "jamba",
        "jetmoe", "kimi_k2",
        "kimi_linear", "lfm2_moe", "llama4", "longcat_flash", "mellum", "mimo_v2_flash", "minimax", "minimax_m2",
        "mixtral", "nllb_moe",
        "olmoe", "phimoe", "qwen2_moe", "qwen3_5_moe", "qwen3_moe", "qwen3_next", "qwen3_omni_moe_thinker",
        "qwen3_vl_moe", "sarvam_mla",
        "sarvam_moe", "solar_open", "switch_transformers",
    ]

    /// The family that the case belongs to: one with which its name begins, or else the family in its JSON, or else the
    /// `model_type`; the longest counts, and hyphens and underscores are alike.
    public func family() throws -> String {
        let said = [file.name, json.string("family"), json.string("config.model_type")]
        for text in said.compactMap({ $0?.replacingOccurrences(of: "-", with: "_") }) {
            let matches = Self.families.filter { text.hasPrefix($0) }
            if let best = matches.max(by: { $0.count < $1.count }) { return best }
        }
        throw TestTrouble("\(file.name) begins with the name of no family")
    }

    /// True when the block stands in a decoder that has an encoder; Switch and NLLB count the layers of both apart.
    public var isInDecoder: Bool { json.string("prefix")?.contains("decoder.") == true }
}
