public import Basics

/// What one source says: a file, the environment, the flags or a preset.
public struct Layer: Equatable, Sendable {
    /// In the order of the source, no key twice.
    public private(set) var assignments: [Assignment] = []
    /// Everything that is wrong with the source.
    public var problems = ProblemList()

    /// A source that says nothing.
    public init() {}

    /// Adds a value if its setting takes it, else a problem.
    ///
    /// - Parameter directory: where relative paths start.
    public mutating func add<Root>(_ text: String, to setting: Option<Root>, _ place: Place, scratch: inout Root) {
        guard setting.assign(text, &scratch) else {
            problems.add(setting.problem(text, key: place.key, at: place.origin))
            return
        }
        let isPath = setting.form == .path || setting.form == .nameOrPath && PathText.isPath(text)
        let value = isPath ? PathText.absolute(text, in: place.directory) : text
        assignments.append(Assignment(key: setting.key, text: value, origin: place.origin))
    }

    /// Adds a value that its setting takes.
    public mutating func add(_ assignment: Assignment) { assignments.append(assignment) }

    /// Where a value stands, and what the reader knows about it.
    public struct Place {
        /// The key as errors name it.
        public let key: String
        /// Who gives the value.
        public let origin: Origin
        /// Where relative paths start.
        public let directory: String

        /// A place.
        public init(key: String, origin: Origin, directory: String) {
            self.key = key
            self.origin = origin
            self.directory = directory
        }
    }
}
