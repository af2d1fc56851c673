/// Knows which worker processes of this machine have ended.
protocol WorkerMonitor {
    /// Workers that have ended since they were started, each with how, for a person.
    func exits() -> [(rank: Int, how: String)]
}
