namespace ConvoyRedis.Client.Configuration;

/// <summary>What a change of the settings means for a connection that stands.</summary>
internal static class TargetChange
{
    /// <summary>Whether it leads elsewhere, or in another way (TLS, timeouts of dialling): the connection switches.</summary>
    /// <param name="from">What the connection leads to.</param>
    /// <param name="to">What it should lead to.</param>
    public static bool IsElsewhere(ConvoyRedisTarget from, ConvoyRedisTarget to) => DialPlan(from) != DialPlan(to);

    /// <summary>The settings in which the two differ and that only a new start takes over: StackExchange.Redis is told them once.</summary>
    /// <param name="from">What the connection leads to.</param>
    /// <param name="to">What it should lead to.</param>
    /// <param name="isTlsNew">Whether the TLS files hold something else than before.</param>
    public static IReadOnlyList<string> NeedRestart(ConvoyRedisTarget from, ConvoyRedisTarget to, bool isTlsNew = false)
    {
        (string Setting, bool IsOther)[] settings =
        [
            ("the nodes of a cluster, or their TLS", IsCluster(from, to) && (isTlsNew || IsElsewhere(from, to))),
            ("database", from.Database != to.Database),
            ("client_name", from.ClientName != to.ClientName),
            ("command_timeout", from.CommandTimeout != to.CommandTimeout),
        ];
        return [.. settings.Where(setting => setting.IsOther).Select(setting => setting.Setting)];
    }

    /// <summary>
    /// What the connection leads to after the change: what needs a new start stays as it is. A login for other servers is not shown to these.
    /// </summary>
    /// <param name="from">What the connection leads to.</param>
    /// <param name="to">What it should lead to.</param>
    public static ConvoyRedisTarget WithoutRestart(ConvoyRedisTarget from, ConvoyRedisTarget to)
    {
        if (!IsCluster(from, to) || !IsElsewhere(from, to))
            return to.WithMultiplexerOf(from);
        return from.Topology == to.Topology && from.Endpoints.SequenceEqual(to.Endpoints) ? from.WithLogin(to.Username, to.Password) : from;
    }

    private static bool IsCluster(ConvoyRedisTarget from, ConvoyRedisTarget to) =>
        from.Topology == ConvoyRedisTopology.Cluster || to.Topology == ConvoyRedisTopology.Cluster;

    private static (string, string) DialPlan(ConvoyRedisTarget target) => (
        string.Join('|', target.Topology, string.Join(',', target.Endpoints), target.MasterName, target.Tls, target.SentinelTls, target.TlsSkipVerify,
            target.TlsServerName, target.TlsCaCertFile, target.TlsCertFile, target.TlsKeyFile),
        string.Join('|', string.Join(',', target.AddressMap), target.FailoverMode, target.HoldDeadline, target.ConnectTimeout));
}
