/// The groups of experts that one token may use.
struct AllowedGroups {
    /// The most groups.
    static let most = 64

    /// The group of each expert, as a bit.
    private let bitOfExpert: [UInt64]
    private var bits: UInt64 = 0

    /// - Parameter bitOfExpert: bit g is set of the experts of group g.
    init(bitOfExpert: [UInt64]) {
        self.bitOfExpert = bitOfExpert
    }

    /// False when the group was there already.
    mutating func insert(_ group: Int32) -> Bool {
        let bit = UInt64(1) << UInt64(group)
        defer { bits |= bit }
        return bits & bit == 0
    }

    @inline(__always)
    func contains(_ expert: Int32) -> Bool {
        bits & bitOfExpert[Int(expert)] != 0
    }

    /// The heaviest group that is not there yet.
    func firstMissing(of groups: Int, _ weights: [Double]) -> Int {
        let missing = (0..<groups).filter { bits >> UInt64($0) & 1 == 0 }
        return missing.max { weights[$0] < weights[$1] } ?? 0
    }
}
