import Basics

/// What one source says: a file, the environment, the flags or a preset.
struct Layer: Equatable, Sendable {
    /// In the order of the source, no key twice.
    private(set) var assignments: [Assignment] = []
    var problems = ProblemList()

    /// Adds a value if its setting takes it, else a problem.
    ///
    /// - Parameter directory: where relative paths start.
    mutating func add<Root>(_ text: String, to setting: Option<Root>, _ place: Place, scratch: inout Root) {
        guard setting.assign(text, &scratch) else {
            problems.add(setting.problem(text, key: place.key, at: place.origin))
            return
        }
        let isPath = setting.form == .path || setting.form == .nameOrPath && HardwareSearch.isPath(text)
        let value = isPath ? PathText.absolute(text, in: place.directory) : text
        assignments.append(Assignment(key: setting.key, text: value, origin: place.origin))
    }

    /// Adds a value that its setting takes.
    mutating func add(_ assignment: Assignment) { assignments.append(assignment) }

    /// Where a value stands, and what the reader knows about it.
    struct Place {
        /// The key as errors name it.
        let key: String
        let origin: Origin
        /// Where relative paths start.
        let directory: String
    }
}
