internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore

/// Takes a request off HTTP and puts the reply on it.
struct AdminResponder: HTTPResponder {
    /// What is known of a request beside what it says.
    struct Context: InitializableFromSource, Sendable {
        let channel: any Channel

        init(source: ApplicationRequestContextSource) {
            channel = source.channel
        }
    }

    let api: AdminAPI
    let names: UserNames

    func respond(to request: Request, context: Context) async throws -> Response {
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: AdminAPI.bodyLimit)
        } catch is NIOTooManyBytesError {
            return Self.response(AdminAPI.reply(to: .bodyTooLarge))
        }
        let target = request.head.path ?? "/"
        let reply = await api.reply(
            to: AdminRequest(
                method: request.method.rawValue,
                path: request.uri.path,
                query: URLComponents(string: target)?.queryItems?.map { ($0.name, $0.value ?? "") } ?? [],
                body: Array(buffer: body),
                peer: { [names] in
                    guard let user = await PeerUser.id(of: context.channel) else { return nil }
                    return await names.name(of: user)
                }
            )
        )
        return Self.response(reply)
    }

    private static func response(_ reply: AdminReply) -> Response {
        var headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
        if !reply.allow.isEmpty { headers[.allow] = reply.allow.joined(separator: ", ") }
        return Response(
            status: HTTPResponse.Status(code: reply.status),
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body + [UInt8(ascii: "\n")]))
        )
    }
}

extension AdminFailure {
    fileprivate static let bodyTooLarge = AdminFailure(
        status: 413,
        code: .bodyTooLarge,
        message: "the body has more than \(AdminAPI.bodyLimit) bytes",
        hint: "send less"
    )
}
