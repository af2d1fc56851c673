/// What the text of `/proc/cpuinfo` says about the first processor: x86-64 and 64-bit ARM write different keys.
struct ProcessorText: Equatable {
    private let values: [String: String]

    /// Read a text of lines `key : value`.
    init(_ text: String) {
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmed }
            if parts.count == 2, values[parts[0]] == nil { values[parts[0]] = parts[1] }
        }
        self.values = values
    }

    /// The name of the processor. ARM has numbers of maker and part instead.
    var name: String {
        if let name = values["model name"] ?? values["Processor"] { return name }
        guard let maker = values["CPU implementer"], let part = values["CPU part"] else { return "unknown processor" }
        return "ARM implementer \(maker) part \(part)"
    }

    /// The name with the numbers that tell processors of one name apart.
    var kind: String {
        let keys = [
            ("family", "cpu family"), ("model", "model"), ("variant", "CPU variant"), ("revision", "CPU revision"),
        ]
        return ([name] + keys.compactMap { word, key in values[key].map { "\(word) \($0)" } }).joined(separator: ", ")
    }

    /// The features that matter for the experts' products, in the order of rising width.
    var features: [String] {
        let flags = Set((values["flags"] ?? values["Features"] ?? "").split(separator: " ").map(String.init))
        return Self.matter.filter(flags.contains)
    }

    /// Whether products have vectors of some width.
    var hasVectors: Bool { features.contains("avx2") || features.contains("asimd") }

    private static let matter = [
        "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "asimd", "asimddp", "bf16", "i8mm", "sve",
        "sve2",
    ]
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
