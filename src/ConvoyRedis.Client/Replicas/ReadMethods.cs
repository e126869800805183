namespace ConvoyRedis.Client.Replicas;

/// <summary>The methods of <c>IDatabase</c> whose Redis command only reads and that a replica can answer as well as the master.</summary>
/// <remarks>
/// Left out although they look like reads:
/// <list type="bullet">
/// <item>scans: a cursor belongs to the server that made it;</item>
/// <item><c>GeoRadius</c>, <c>Sort</c>: replicas refuse GEORADIUS and SORT, which can also store their result (<c>GeoSearch</c> is a read);</item>
/// <item><c>HyperLogLogLength</c>: PFCOUNT stores its result in the key, which only a master can;</item>
/// <item><c>KeyTouch</c>, <c>StringDigest</c>: StackExchange.Redis sends TOUCH and DIGEST to masters only;</item>
/// <item><c>ArrayNext</c>: StackExchange.Redis treats ARNEXT as a write when it retries;</item>
/// <item><c>StringBitField</c>: its operations may write;</item>
/// <item><c>LockQuery</c>: a replica may name a former owner;</item>
/// <item>
/// <c>DebugObject</c>, <c>Execute</c>, <c>IdentifyEndpoint</c>, <c>IsConnected</c>, <c>Ping</c>, <c>ScriptEvaluate</c>: not known to read data only.
/// </item>
/// </list>
/// Of those listed, <c>KeyIdleTime</c> and <c>KeyFrequency</c> say how the server that is asked has used the key.
/// </remarks>
internal static class ReadMethods
{
    /// <summary>Their names without the suffix Async, sorted.</summary>
    public const string Names = """
        ArrayCount ArrayGet ArrayGetRange ArrayGrep ArrayInfo ArrayLastItems ArrayLength ArrayOperation ArrayScan
        GeoDistance GeoHash GeoPosition GeoSearch
        HashExists HashFieldGetExpireDateTime HashFieldGetTimeToLive HashGet HashGetAll HashGetLease HashKeys HashLength
        HashRandomField HashRandomFields HashRandomFieldsWithValues HashStringLength HashValues
        KeyDump KeyEncoding KeyExists KeyExpireTime KeyFrequency KeyIdleTime KeyRandom KeyRefCount KeyTimeToLive KeyType
        ListGetByIndex ListLength ListPosition ListPositions ListRange
        ScriptEvaluateReadOnly ScriptEvaluateReadOnlyResp
        SetCombine SetCombineLength SetContains SetIntersectionLength SetLength SetMembers SetRandomMember SetRandomMembers
        SortedSetCombine SortedSetCombineWithScores SortedSetIntersectionLength SortedSetLength SortedSetLengthByValue
        SortedSetRandomMember SortedSetRandomMembers SortedSetRandomMembersWithScores SortedSetRangeByRank
        SortedSetRangeByRankWithScores SortedSetRangeByScore SortedSetRangeByScoreWithScores SortedSetRangeByValue
        SortedSetRank SortedSetScore SortedSetScores
        StreamConsumerInfo StreamGroupInfo StreamInfo StreamLength StreamPending StreamPendingMessages StreamRange StreamRead
        StringBitCount StringBitPosition StringGet StringGetBit StringGetLease StringGetRange StringGetWithExpiry StringLength
        StringLongestCommonSubsequence StringLongestCommonSubsequenceLength StringLongestCommonSubsequenceWithMatches
        VectorSetContains VectorSetDimension VectorSetGetApproximateVector VectorSetGetAttributesJson VectorSetGetLinks
        VectorSetGetLinksWithScores VectorSetInfo VectorSetLength VectorSetRandomMember VectorSetRandomMembers VectorSetRange
        VectorSetRangeEnumerate VectorSetSimilaritySearch
        """;
}
