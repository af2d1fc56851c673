import Basics
internal import CSodium
public import Configuration
public import Reports
internal import Runtime
public import Settings
import Workloads

/// One point of a sweep: a configuration to run, with its values of the varied keys.
public struct SweepPoint: Equatable, Sendable {
    /// The first 16 hexadecimal digits of the hash of the point's configuration; see ``PointID``.
    public let id: String
    /// The values of ``SweepFile/keys`` at the point, in that order.
    public let parameters: [SweepParameter]
    /// The values of ``SweepPlan/keysOfSome`` at the point, in that order; without a text where it does not read one.
    public let set: [SweepParameter]
    /// The values that the point sets in the configuration, as `--set` takes them.
    public let overrides: [Override]
    /// The resolved configuration of the point.
    public let resolved: ResolvedConfiguration
    /// True where the sweep's configuration gives keys that nothing reads at the point, so that ``overrides`` on top of
    /// it do not make the point: ``resolved`` does.
    public let leavesOutOfFile: Bool

    /// - Parameters:
    ///   - keys: the keys that the sweep varies.
    ///   - keysOfSome: the keys of one value that only some points read.
    ///   - leavesOutOfFile: whether keys of the sweep's configuration are left out.
    init(
        _ overrides: [Override],
        keys: [String],
        keysOfSome: [String] = [],
        resolved: ResolvedConfiguration,
        leavesOutOfFile: Bool = false
    ) {
        self.resolved = resolved
        self.overrides = overrides
        self.leavesOutOfFile = leavesOutOfFile
        id = PointID.of(resolved.yaml)
        let texts = Dictionary(resolved.values.map { ($0.key, $0.effective) }, uniquingKeysWith: { first, _ in first })
        func value(_ key: String) -> SweepParameter {
            let isBare = RunPlan.table[key]?.form == .bare
            return SweepParameter(key: key, text: texts[key] ?? nil, isBare: isBare)
        }
        parameters = keys.map(value)
        set = keysOfSome.map(value)
    }

    /// The point with its values of keys that only some points read.
    func with(keysOfSome: [String]) -> SweepPoint {
        SweepPoint(
            overrides,
            keys: parameters.map(\.key),
            keysOfSome: keysOfSome,
            resolved: resolved,
            leavesOutOfFile: leavesOutOfFile
        )
    }

    /// The seed of the point's runs.
    public var seed: UInt64 { resolved.plan.run.seed }

    /// The number of tokens that go through the layers in one run, warm-up included.
    public var tokens: Double {
        let plan = resolved.plan
        return Double(plan.run.steps + plan.run.warmup) * Double(plan.workload.tokens)
    }
}

extension SweepPoint {
    /// The values that the sweep varies, in one line.
    public var label: String { parameters.label }
}

/// The name of a point: a hash of its resolved configuration, whatever source gave the values and wherever results go.
public enum PointID {
    /// The number of hexadecimal digits of a name.
    public static let digits = 16

    /// The first 16 hexadecimal digits of the SHA-256 of a resolved configuration without `run.out`.
    ///
    /// - Parameter yaml: the text of `ResolvedConfiguration.yaml`, or of the `config.yaml` of a run folder.
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
