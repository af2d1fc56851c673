/// What goes on at one instant; several things may go on at once.
struct Activities: OptionSet {
    let rawValue: UInt8

    /// Experts compute.
    static let compute = Activities(rawValue: 1 << 0)
    /// Tokens travel.
    static let dispatch = Activities(rawValue: 1 << 1)
    /// Outputs travel.
    static let combine = Activities(rawValue: 1 << 2)
    /// Work lies ready.
    static let queue = Activities(rawValue: 1 << 3)
    /// The coordinator is busy.
    static let coordinator = Activities(rawValue: 1 << 4)

    /// Number of different activities.
    static let count = 5
}
