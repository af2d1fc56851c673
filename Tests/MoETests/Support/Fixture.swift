import Foundation
import Testing

/// Reads a file of the folder Fixtures/goldens; its README says where the numbers come from.
func fixture<Content: Decodable>(_ name: String, as type: Content.Type = Content.self) throws -> Content {
    let url = try #require(
        Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures/goldens")
    )
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(contentsOf: url))
}

/// A case of `inputs` and `outputs`.
struct Golden<Inputs: Decodable, Outputs: Decodable>: Decodable {
    let inputs: Inputs
    let outputs: Outputs
}
