/// The values that stand in the header of a `.npy` file.
enum PythonLiteral: Equatable {
    case string(String)
    case boolean(Bool)
    /// A tuple of whole numbers.
    case tuple([Int])
}
