package dev.sluice.bench.report;

import java.awt.Color;
import java.awt.Rectangle;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.StandardChartTheme;
import org.jfree.svg.SVGGraphics2D;

/** What all charts look like. */
final class Drawing {
    static final Color OURS = new Color(0x1B6CA8);
    static final Color THEIRS = new Color(0xA9B4BE);

    private static final StandardChartTheme THEME = theme();

    private Drawing() {}

    static String svg(JFreeChart chart, int width, int height) {
        THEME.apply(chart);
        var graphics = new SVGGraphics2D(width, height);
        chart.draw(graphics, new Rectangle(width, height));
        return graphics.getSVGElement();
    }

    private static StandardChartTheme theme() {
        var theme = new StandardChartTheme("plain");
        theme.setPlotBackgroundPaint(Color.WHITE);
        theme.setChartBackgroundPaint(Color.WHITE);
        theme.setDomainGridlinePaint(Color.LIGHT_GRAY);
        theme.setRangeGridlinePaint(Color.LIGHT_GRAY);
        theme.setShadowVisible(false);
        return theme;
    }
}
