/// The last component of a path.
func fileName(_ path: String) -> String {
    path.split(separator: "/").last.map { String($0) } ?? path
}
