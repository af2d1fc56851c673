/// Which way rows travel.
enum Direction: Sendable {
    case dispatch
    case combine
}
