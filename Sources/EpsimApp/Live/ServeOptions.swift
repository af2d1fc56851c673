import Dispatch
import Foundation
public import Monitor
import Synchronization

/// The options of watching a run over HTTP.
public struct ServeOptions: Sendable {
    /// Whether the run is served at all.
    public var isServed = false
    /// The address at which the run is served.
    public var address: ServeAddress
    /// The path of the file with the token that viewers must present, or nil.
    public var tokenFile: String?
    /// The time for which a run is still served after its end, in seconds.
    public var seconds = 0.0

    /// Create options for a run that is not served.
    public init(address: ServeAddress) { self.address = address }

    /// Begin to serve the live state of a run.
    ///
    /// - Throws: the reason why it cannot be served.
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
