import { type ChannelOptions, Client, connectivityState, credentials } from "@grpc/grpc-js";
import { systemClock } from "../system-clock.ts";

/** A client of one address, whose connection is given up and made anew where it says nothing. */
export interface FreshClient {
  current(): Client;
  close(): void;
}

/**
 * gRPC waits without end for the first words of whoever took its connection, such as a process that is stopped. So a
 * channel that has wanted a connection for this long, in one state, is closed: its calls fail as unreachable, and the
 * next ones go over a new one.
 */
export function openFreshClient(address: string, options: ChannelOptions, unreadyMs: number): FreshClient {
  // Channels of one address share their connections otherwise, the silent one as well.
  const channelOptions = { ...options, "grpc.use_local_subchannel_pool": 1 };
  const open = (): Client => new Client(address, credentials.createInsecure(), channelOptions);
  let client = open();
  let closed = false;
  const watch = (watched: Client): void => {
    if (closed || watched !== client) return;
    const channel = watched.getChannel();
    const state = channel.getConnectivityState(false);
    const wantsOne = state === connectivityState.CONNECTING || state === connectivityState.TRANSIENT_FAILURE;
    const until = wantsOne ? new Date(systemClock.now() + unreadyMs) : Number.POSITIVE_INFINITY;
    channel.watchConnectivityState(state, until, (late) => {
      if (late !== undefined && watched === client && !closed) {
        client = open();
        watched.close();
      }
      watch(client);
    });
  };
  watch(client);
  return {
    current: () => client,
    close: () => {
      closed = true;
      client.close();
    },
  };
}
