import Foundation
import Testing

@testable import Transport

/// Longest wait for something that should happen at once. It only matters when the test fails.
let patience = 10.0

/// True as soon as the condition holds, false when it does not within the patience.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = Date(timeIntervalSinceNow: patience)
    while Date() < deadline {
        if try condition() { return true }
        Thread.sleep(forTimeInterval: 0.001)
    }
    return try condition()
}

extension RouterSocket {
    /// The next message; a failure when none comes.
    func next(sourceLocation: SourceLocation = #_sourceLocation) throws -> Parcel {
        try nextParcel(of: socket, sourceLocation) { try receive() }
    }
}

extension DealerSocket {
    /// The next message; a failure when none comes.
    func next(sourceLocation: SourceLocation = #_sourceLocation) throws -> Parcel {
        try nextParcel(of: socket, sourceLocation) { try receive() }
    }

    /// Sends as soon as the connection is there.
    func sendInTime(
        _ head: [UInt8],
        _ payload: OutgoingFrame? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let isSent = try eventually { try send(head: head, payload: payload) == .sent }
        try #require(isSent, "no connection", sourceLocation: sourceLocation)
    }
}

private func nextParcel(
    of socket: Socket,
    _ sourceLocation: SourceLocation,
    receive: () throws -> Parcel?
) throws -> Parcel {
    var parcel: Parcel?
    _ = try eventually {
        try Poller.wait(socket, nil, milliseconds: 20)
        parcel = try receive()
        return parcel != nil
    }
    return try #require(parcel, "no message", sourceLocation: sourceLocation)
}
