import Basics
internal import CSodium

/// The name of a point: what its resolved configuration is, whoever said it and wherever its results go.
public enum PointID {
    /// Hexadecimal digits of a name.
    public static let digits = 16

    /// The first 16 hexadecimal digits of the SHA-256 of a resolved configuration without `run.out`.
    ///
    /// - Parameter yaml: text of ``ResolvedConfiguration/yaml``, or of the `config.yaml` of a run folder.
    public static func of(_ yaml: String) -> String {
        var section = ""
        var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        var bytes: [UInt8] = []
        for line in yaml.split(separator: "\n", omittingEmptySubsequences: false) {
            if !line.hasPrefix(" ") { section = String(line) }
            if section == "run:", line.hasPrefix("  out: ") { continue }
            bytes += line.utf8
            bytes.append(UInt8(ascii: "\n"))
        }
        unsafe crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
        return String(Hexadecimal.text(digest).prefix(digits))
    }
}
