public import Monitor

/// Whether and where a run can be watched over HTTP.
public struct ServeOptions: Sendable {
    /// Whether it is served at all.
    public var isServed = false
    /// Where.
    public var address: ServeAddress
    /// File with the token to ask for, or nil.
    public var tokenFile: String?
    /// Seconds to keep serving after the run has ended.
    public var seconds = 0.0

    /// A run that is not served.
    public init(address: ServeAddress) { self.address = address }

    /// Begins to serve a board.
    ///
    /// - Throws: why that cannot be.
    func start(_ board: LiveBoard, page: LivePage, hostName: String) throws(MonitorError) -> LiveServer {
        var token = try tokenFile.map { (file) throws(MonitorError) in try AccessToken(file: file) }
        if token == nil, !address.isLoopback { token = AccessToken.random() }
        return try LiveServer(
            board,
            at: address,
            token: token,
            showsToken: tokenFile == nil,
            hostName: hostName,
            page: page
        )
    }
}
